"""Versions of an app: its images, and the version of its chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_list, as_mapping, as_str
from chartgen.manifests.manifest import value_at
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

# registry:port/path:tag@digest; a tag has no slash.
_IMAGE = lazy_pattern(r"(?P<repository>[^@]*?)(?::(?P<tag>[\w][\w.-]*))?(?:@(?P<digest>.+))?")
_CHART_LABEL = "helm.sh/chart"
_CHART = lazy_pattern(r"(?P<name>.+?)-(?P<version>v?\d+\..*)")


@dataclass(frozen=True, slots=True)
class Change:
    """One version that was rolled back: what is desired, and what the primary runs.

    `name`: the image's repository, or the chart's name. `tag`: whether only the tags differ.
    """

    kind: str
    name: str
    desired: str
    running: str

    @property
    def desired_tag(self) -> str:
        """The tag of the desired image; empty if only the whole image can be replaced."""
        return tag_of(self.desired) if self.same_repository else ""

    @property
    def running_tag(self) -> str:
        return tag_of(self.running) if self.same_repository else ""

    @property
    def same_repository(self) -> bool:
        """Whether the tag alone tells the images apart."""
        digest = "@" in self.desired + self.running
        return self.kind == "image" and not digest and repository_of(self.desired) == repository_of(self.running)

    @property
    def text(self) -> str:
        """`image web: v2, running v1`."""
        if self.same_repository:
            return f"image {self.name}: {self.desired_tag} desired, {self.running_tag} running"
        return f"{self.kind} {self.name}: {self.desired} desired, {self.running} running"


def images_of(workload: Mapping[str, Any]) -> dict[str, str]:
    """Container → image, init containers included."""
    spec = as_mapping(value_at(workload, ("spec", "template", "spec")))
    listed = [*as_list(spec.get("initContainers")), *as_list(spec.get("containers"))]
    return {as_str(each.get("name")): as_str(each.get("image")) for each in listed if isinstance(each, dict)}


def tag_of(image: str) -> str:
    """The tag of an image, empty without one."""
    found = _IMAGE.fullmatch(image)
    return (found["tag"] or "") if found else ""


def repository_of(image: str) -> str:
    """The image without tag and digest."""
    found = _IMAGE.fullmatch(image)
    return found["repository"] if found else image


def image_changes(target: Mapping[str, Any], primary: Mapping[str, Any]) -> list[Change]:
    """The images of which the target wants another version than the primary runs."""
    desired, running = images_of(target), images_of(primary)
    changes = [
        Change("image", repository_of(image), image, running[name])
        for name, image in desired.items()
        if name in running and running[name] != image
    ]
    return list(dict.fromkeys(changes))


def chart_of(workload: Mapping[str, Any]) -> tuple[str, str]:
    """Name and version of the chart that rendered a workload, by its labels; empty if they don't say."""
    for route in (("spec", "template", "metadata", "labels"), ("metadata", "labels")):
        label = as_str(as_mapping(value_at(workload, route)).get(_CHART_LABEL)).replace("_", "+")
        if found := _CHART.fullmatch(label):
            return found["name"], found["version"]
    return "", ""
