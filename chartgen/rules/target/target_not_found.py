"""A target the release does not render: Flagger waits for it at every tick."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.homoglyphs import latin
from chartgen.rules.reading.neighbours import beside, is_knative, namespace_of, target_of
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.fix import Fix

_MANAGED = ("Deployment", "DaemonSet", "Service")


class TargetNotFound(Rule):
    id = "target-not-found"
    severity = Severity.ERROR
    summary = "targetRef that names a workload the chart doesn't render"
    tags = ("references",)
    fixes = (Safety.SAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        canary = Canary(manifest)
        if canary.target_kind not in _MANAGED or not canary.target or _is_elsewhere(canary, rendering):
            return
        if target_of(canary, rendering) is None and not _is_knative_target(canary, rendering):
            yield Problem(
                f"{canary.target_kind} {canary.target} is not rendered: Flagger waits for it and nothing is released"
                f"{_near(canary, rendering)}",
                at=("spec", "targetRef", "name"),
                fix=_in_latin(canary, rendering),
            )


def _is_elsewhere(canary: Canary, rendering: Rendering) -> bool:
    """Loose manifests that bring no workload at all leave it to another file; a chart brings its own."""
    return not rendering.chart.files and not any(rendering.of_kind(canary.target_kind))


def _is_knative_target(canary: Canary, rendering: Rendering) -> bool:
    return any(
        one.name == canary.target and is_knative(one) for one in beside(canary.manifest, rendering, "Service")
    ) and str(canary.field("targetRef", "apiVersion")).startswith("serving.knative.dev/")


def _near(canary: Canary, rendering: Rendering) -> str:
    elsewhere = rendering.named(canary.target_kind, canary.target)
    if elsewhere is not None:
        there, here = (namespace_of(one, rendering) for one in (elsewhere, canary.manifest))
        return f"; it goes to namespace {there}, the Canary to {here}"
    names = sorted({one.name for one in beside(canary.manifest, rendering, canary.target_kind)})
    near = difflib.get_close_matches(canary.target, names, n=1, cutoff=0.5) or names[:1]
    if near and not canary.target.isascii():
        return f"; a letter of the name is not ASCII, and there is {near[0]}"
    return f"; there is {canary.target_kind} {near[0]}" if near else ""


def _in_latin(canary: Canary, rendering: Rendering) -> Fix | None:
    """The name with a letter that only looks Latin, where the workload bears it in Latin."""
    meant = latin(canary.target)
    there = {one.name for one in beside(canary.manifest, rendering, canary.target_kind)}
    return set_value(("spec", "targetRef", "name"), meant) if meant in there and meant else None
