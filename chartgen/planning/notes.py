"""The assumptions and limits of a plan, for the reader of its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.planning.scenarios import ScenarioKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.detection.checks import Checks
    from chartgen.planning.request import PlanRequest
    from chartgen.planning.startup import PodStart
    from chartgen.planning.strategy import Approach


def notes(request: PlanRequest, approach: Approach, checks: Checks, pod_start: PodStart) -> tuple[str, ...]:
    """All notes on one plan."""
    return (*_timing(request, pod_start), *_exposure(request, approach), *_detection(request, checks))


def _timing(request: PlanRequest, pod_start: PodStart) -> Iterator[str]:
    if request.pod_start is None and any(each.kind is not ScenarioKind.SLOW_START for each in request.scenarios):
        yield (
            f"assumes that pods become available {pod_start.seconds:g} s after they start ({pod_start.source}), without"
            " image pulls and application startup; set --pod-start to the full time until a pod is ready"
        )
    if not request.bootstrap:
        yield "Flagger polls for new versions, so up to one interval passes between the upgrade and 0:00"


def _exposure(request: PlanRequest, approach: Approach) -> Iterator[str]:
    if approach.matching_only and request.settings.match_share is None:
        yield "weights and exposure count matching requests only; set --match-share to their share of all requests"
        if request.settings.rps is not None:
            yield (
                "the detection table is left out: only matching requests reach the new version, and without"
                " --match-share their number is unknown"
            )
    if any(each.kind is ScenarioKind.FLAKY for each in request.scenarios) and not request.bootstrap:
        yield (
            f"flaky: the ticks show one rollout (seed {request.settings.seed}); the time to promote is the median and"
            f" the exposure is the 95th percentile of {request.settings.rollouts:,} rollouts"
        )


def _detection(request: PlanRequest, checks: Checks) -> Iterator[str]:
    if request.settings.rps is None or request.bootstrap:
        return
    if not checks.modeled:
        yield "detection can't be computed: no check depends on request counts alone"
    if checks.unmodeled:
        names = list(dict.fromkeys(checks.unmodeled))
        verbs = "doesn't depend" if len(names) == 1 else "don't depend", "is" if len(names) == 1 else "are"
        yield f"detection: {', '.join(names)} {verbs[0]} on request counts alone and {verbs[1]} assumed to pass"
