"""A target whose image tag stays the same: pushing a new version starts no canary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import containers, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

_TAG = lazy_pattern(r"(?P<name>[^@]*?)(?::(?P<tag>[^:/@]+))?")
_MOVING = ("latest", "stable", "main", "master", "edge", "nightly")


class ImageTagNeverChanges(CanaryRule):
    id = "image-tag-never-changes"
    severity = Severity.WARNING
    summary = "image tag that stays the same from version to version"
    tags = ("target",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        if target is None:
            return
        images = [(at, str(body.get("image") or "")) for at, body in containers(target)]
        # Another image whose tag changes starts a canary all the same.
        moving = [(at, image) for at, image in images if image and _moving_tag(image)]
        if moving and len(moving) == len(images):
            at, image = moving[0]
            # A release may set the value that the tag comes from.
            by_value = rendering.chart.files and not _is_written_out(image, target, rendering)
            yield Problem(
                f"image {image} keeps its tag {_moving_tag(image)} from version to version: the pod template doesn't "
                "change, so a new version may start without a canary; use a tag of its own for each version",
                at=(*at, "image"),
                manifest=target,
                severity=Severity.INFO if by_value else None,
            )
        elif images and all(image and _is_written_out(image, target, rendering) for _, image in images):
            at, image = images[0]
            yield Problem(
                f"image {image} is written out in the template, and no value changes its tag: a release of another "
                "version needs an edit of the chart; take the tag from a value",
                at=(*at, "image"),
                manifest=target,
                severity=Severity.INFO,
            )


def _moving_tag(image: str) -> str | None:
    """`latest` and the like, also by default; None for a tag of one version and for a digest."""
    match = _TAG.fullmatch(image)
    tag = (match["tag"] or "latest") if match else None
    return tag if tag in _MOVING else None


def _is_written_out(image: str, target: Manifest, rendering: Rendering) -> bool:
    """Whether the template that renders the target spells the whole image."""
    path = target.template.partition("/")[2]
    if path not in rendering.chart.files:
        return False
    pattern = rf"image:[ \t]*[\"']?{re.escape(image)}[\"']?[ \t]*(?:#.*)?$"
    return re.search(pattern, rendering.chart.text(path), re.MULTILINE) is not None
