"""A request to render one release of a chart with its values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.charts.positions import Position

# A namespace that no chart names: what renders there renders everywhere.
ELSEWHERE = "chartgen-elsewhere"
# By default Helm sees these API versions; without them a canary guarded by `.Capabilities` isn't rendered.
DEFAULT_API_VERSIONS = (
    "flagger.app/v1beta1",
    "flagger.app/v1beta1/Canary",
    "flagger.app/v1beta1/MetricTemplate",
    "flagger.app/v1beta1/AlertProvider",
    "networking.istio.io/v1",
    "networking.istio.io/v1/VirtualService",
    "networking.istio.io/v1beta1",
    "networking.istio.io/v1beta1/VirtualService",
    "networking.istio.io/v1beta1/DestinationRule",
    "networking.istio.io/v1beta1/Gateway",
)
# A server also reports kinds, `helm template` only groups and versions: a chart that checks for the kind would fall
# back to an old API version (pkg/action: GetVersionSet, pkg/chart/common: DefaultVersionSet).
_SERVED_KINDS = (
    *(f"apps/v1/{kind}" for kind in ("Deployment", "DaemonSet", "StatefulSet", "ReplicaSet")),
    *(f"autoscaling/{version}/HorizontalPodAutoscaler" for version in ("v1", "v2")),
    *(f"batch/v1/{kind}" for kind in ("Job", "CronJob")),
    *(f"networking.k8s.io/v1/{kind}" for kind in ("Ingress", "IngressClass", "NetworkPolicy")),
    "policy/v1/PodDisruptionBudget",
    *(f"rbac.authorization.k8s.io/v1/{kind}" for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")),
)


class ValueSources(NamedTuple):
    """`-f`, `--set…` as given, applied in Helm's own order: files, set-json, set, set-string, set-file.

    `files` are paths as given on the command line (relative to the working directory). `edited` pairs some of them with
    the text to use instead of the file on disk. `written`: where a file writes a `set`, as (`set`, path, position).
    """

    files: tuple[str, ...] = ()
    set_json: tuple[str, ...] = ()
    set: tuple[str, ...] = ()
    set_string: tuple[str, ...] = ()
    set_file: tuple[str, ...] = ()
    edited: tuple[tuple[str, str], ...] = ()
    written: tuple[tuple[str, str, Position], ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The sources as arguments of helm."""
        flags = {"--values": self.files, "--set-json": self.set_json, "--set": self.set}
        flags |= {"--set-string": self.set_string, "--set-file": self.set_file}
        return tuple(word for flag, given in flags.items() for value in given for word in (flag, value))

    def text(self, path: str) -> str | None:
        """The text of a file that is edited in memory, None for one to be read from disk."""
        return dict(self.edited).get(path)


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """One rendering. `overlay` overrides all `sources`, with maps merged (how chartgen sets switches)."""

    release_name: str = "release-name"
    namespace: str = "default"
    sources: ValueSources = field(default_factory=ValueSources)
    overlay: Mapping[str, Any] = field(default_factory=dict)
    kube_version: str | None = None
    api_versions: tuple[str, ...] = DEFAULT_API_VERSIONS
    is_upgrade: bool = False

    def as_served(self) -> RenderRequest:
        """The same request with the kinds that a current server reports, unless it names a Kubernetes version."""
        known = self.api_versions if self.kube_version else (*self.api_versions, *_SERVED_KINDS)
        return replace(self, api_versions=tuple(dict.fromkeys(known)))

    def over(self, overlay: Mapping[str, Any]) -> RenderRequest:
        """The same request with `overlay` merged over its own."""
        return replace(self, overlay=merged(self.overlay, overlay))


def with_api_versions(given: list[str]) -> tuple[str, ...]:
    """The API versions that Helm sees: the default ones and those of `--api-versions`."""
    return tuple(dict.fromkeys((*DEFAULT_API_VERSIONS, *given)))


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` merged over `base` as Helm merges values: maps recursively, everything else replaced."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            result[key] = merged(below, value)
        else:
            result[key] = value
    return result
