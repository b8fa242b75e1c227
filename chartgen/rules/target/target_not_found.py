"""A target that the release doesn't render: Flagger fails at every tick."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from chartgen.helm.request import RenderRequest
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.homoglyphs import latin
from chartgen.rules.reading.neighbours import WORKLOADS, in_same_namespace, is_knative, namespace_of, target_of
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.fix import Fix

_KINDS = ("Deployment", "DaemonSet", "Service")


class TargetNotFound(Rule):
    id = "target-not-found"
    severity = Severity.ERROR
    summary = "targetRef that names a workload the chart doesn't render"
    tags = ("references",)
    fixes = (Safety.SAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        canary = Canary(manifest)
        if canary.target_kind not in _KINDS or not canary.target or _is_elsewhere(canary, rendering):
            return
        if target_of(canary, rendering) is None and not _is_knative_target(canary, rendering):
            only = _only_release(canary, rendering)
            if only:
                yield Problem(
                    f"only a release named {only} renders {canary.target_kind} {canary.target}: in any other, Flagger "
                    "may fail at every tick and release nothing; include the release's name in targetRef",
                    at=("spec", "targetRef", "name"),
                    severity=Severity.WARNING,
                )
                return
            yield Problem(
                f"the release doesn't render {canary.target_kind} {canary.target}: Flagger fails at every tick and "
                f"releases nothing{_advice(canary, rendering)}",
                at=("spec", "targetRef", "name"),
                fix=_latin_name(canary, rendering),
            )


def _only_release(canary: Canary, rendering: Rendering) -> str | None:
    """The release whose name makes a workload's name the target's, if the user named no release."""
    default = RenderRequest().release_name
    # That the Canary has the name, too, shows that it is meant.
    if rendering.request.release_name != default or canary.name != canary.target:
        return None
    for workload in in_same_namespace(canary.manifest, rendering, canary.target_kind):
        before, found, after = workload.name.partition(default)
        target = canary.target
        length = len(target) - len(before) - len(after)
        if found and (before or after) and length > 0 and target.startswith(before) and target.endswith(after):
            return target[len(before) : len(before) + length]
    return None


def _is_elsewhere(canary: Canary, rendering: Rendering) -> bool:
    """Whether the workload may be in another file: manifests outside a chart that contain no such workload at all."""
    return not rendering.chart.files and not any(rendering.of_kind(canary.target_kind))


def _is_knative_target(canary: Canary, rendering: Rendering) -> bool:
    return any(
        service.name == canary.target and is_knative(service)
        for service in in_same_namespace(canary.manifest, rendering, "Service")
    ) and str(canary.field("targetRef", "apiVersion")).startswith("serving.knative.dev/")


def _advice(canary: Canary, rendering: Rendering) -> str:
    elsewhere = rendering.named(canary.target_kind, canary.target)
    if elsewhere is not None:
        namespaces = (namespace_of(manifest, rendering) for manifest in (elsewhere, canary.manifest))
        return "; it is in namespace {}, but the Canary is in {}".format(*namespaces)
    other = next(
        (each for each in in_same_namespace(canary.manifest, rendering, *WORKLOADS) if each.name == canary.target), None
    )
    if other is not None:
        return f"; the release has a {other.kind} of this name"
    names = sorted({workload.name for workload in in_same_namespace(canary.manifest, rendering, canary.target_kind)})
    near = _nearest(canary.target, names)
    if near and not canary.target.isascii():
        return f"; the name has a letter that isn't ASCII, did you mean {near}?"
    return f"; the release has {canary.target_kind} {near}" if near else ""


def _nearest(target: str, names: list[str]) -> str | None:
    """The workload that is meant: the target's name behind the release's, a similar one, or the only one there is."""
    prefixed = [name for name in names if name.endswith(f"-{target}") or target.endswith(f"-{name}")]
    if len(prefixed) == 1:
        return prefixed[0]
    similar = difflib.get_close_matches(target, names, n=1, cutoff=0.7)
    return next(iter(similar or (names if len(names) == 1 else ())), None)


def _latin_name(canary: Canary, rendering: Rendering) -> Fix | None:
    """Replaces letters that only look Latin, if a workload has the name in Latin letters."""
    name = latin(canary.target)
    rendered = {workload.name for workload in in_same_namespace(canary.manifest, rendering, canary.target_kind)}
    return set_value(("spec", "targetRef", "name"), name) if name in rendered and name else None
