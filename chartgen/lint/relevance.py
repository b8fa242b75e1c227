"""Which rules can report something about a chart: by the registry's data, so that the others aren't imported."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chartgen.manifests.manifest import value_at
from chartgen.rules.registry import POLICY, REGISTRY, RuleEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.cluster import Cluster
    from chartgen.rules.releases import Releases


def can_report(rule: str, cluster: Cluster | None, releases: Releases) -> bool:
    """Whether the chart or the cluster's profile has what the rule of this id is about.

    True for a rule that isn't registered.
    """
    entry = _entries().get(rule)
    if entry is None:
        return True
    if entry.family == POLICY:
        return cluster is not None and cluster.policy is not None
    if entry.kinds:
        return True
    about = {
        "canary": releases.has_canary,
        "failures": bool(releases.failures),
        "limits": releases.exceeded is not None,
        "files": True,
    }
    return about.get(entry.about, False)


def needs_canary(rule: str) -> bool:
    """Whether the rule of this id reports nothing about a chart that renders no Canary."""
    entry = _entries().get(rule)
    return entry is not None and (bool(entry.kinds) or entry.about == "canary")


def reads(rule: str, manifest: Manifest) -> bool:
    """Whether the manifest has one of the fields that the rule of this id reports about."""
    entry = _entries().get(rule)
    if entry is None or not entry.fields or manifest.kind != "Canary":
        return True
    return any(_has(manifest, field) for field in entry.fields)


def by_kind(rendering: Rendering) -> Mapping[str, list[tuple[int, Manifest]]]:
    """Kind → the manifests of a rendering, each with its position."""
    found: dict[str, list[tuple[int, Manifest]]] = {}
    for position, manifest in enumerate(rendering.manifests):
        found.setdefault(manifest.kind, []).append((position, manifest))
    return found


def manifests_in(found: Mapping[str, list[tuple[int, Manifest]]], kinds: tuple[str, ...]) -> Iterator[Manifest]:
    """The manifests of these kinds, in the order Helm prints them."""
    if len(kinds) == 1:
        return (manifest for _, manifest in found.get(kinds[0], ()))
    listed = sorted((each for kind in kinds for each in found.get(kind, ())), key=lambda each: each[0])
    return (manifest for _, manifest in listed)


def _has(manifest: Manifest, field: str) -> bool:
    """Whether a Canary has the field, such as `service.retries`; `analysis` also has the name `canaryAnalysis`."""
    first, *rest = field.split(".")
    names = ("analysis", "canaryAnalysis") if first == "analysis" else (first,)
    return any(value_at(manifest.body, ("spec", name, *rest)) is not None for name in names)


@cache
def _entries() -> Mapping[str, RuleEntry]:
    return {entry.id: entry for entry in REGISTRY}
