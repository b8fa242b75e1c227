"""The assumptions and limits of a plan, for the reader of its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.planning.amounts import format_seconds
from chartgen.planning.scenarios import ScenarioKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.detection.checks import Checks
    from chartgen.planning.request import PlanRequest
    from chartgen.planning.startup import PodStart
    from chartgen.planning.strategy import Approach


def notes(
    request: PlanRequest, approach: Approach, checks: Checks, pod_start: PodStart, assumed_load: str | None
) -> tuple[str, ...]:
    """All notes on one plan."""
    return (*_timing(request, pod_start), *_exposure(request, approach), *_detection(request, checks, assumed_load))


def _timing(request: PlanRequest, pod_start: PodStart) -> Iterator[str]:
    if any(each.kind is not ScenarioKind.SLOW_START for each in request.scenarios):
        option = "" if request.pod_start is not None else "; see --pod-start"
        yield f"pods are available {format_seconds(pod_start.seconds)} after they start ({pod_start.source}){option}"
    if not request.bootstrap:
        yield "0:00 is when Flagger detects the release, up to one interval after the upgrade"


def _exposure(request: PlanRequest, approach: Approach) -> Iterator[str]:
    if approach.matching_only and request.settings.match_share is None:
        yield "weights and exposure count matching requests only; --match-share sets their share of all"
        if request.settings.rps is not None:
            yield "no detection table: without --match-share, the number of matching requests is unknown"
    if any(each.kind is ScenarioKind.FLAKY for each in request.scenarios) and not request.bootstrap:
        rollouts = f"{request.settings.rollouts:,} rollouts"
        yield f"flaky: means are exact, percentiles are those of {rollouts}; the ticks show one rollout"


def _detection(request: PlanRequest, checks: Checks, assumed_load: str | None) -> Iterator[str]:
    if request.settings.rps is None or request.bootstrap:
        return
    if assumed_load and request.settings.synthetic_rps is None:
        yield assumed_load
    if not checks.modeled:
        yield "detection can't be computed: no check depends on request counts alone"
    if checks.unmodeled:
        names = list(dict.fromkeys(checks.unmodeled))
        verbs = "doesn't depend" if len(names) == 1 else "don't depend", "is" if len(names) == 1 else "are"
        yield f"detection: {', '.join(names)} {verbs[0]} on request counts alone and {verbs[1]} assumed to pass"
