"""What a plan leaves out or takes for granted, so that nobody reads more into its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.planning.scenarios import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.detection.checks import Checks
    from chartgen.planning.request import PlanRequest
    from chartgen.planning.startup import PodStart
    from chartgen.planning.strategy import Approach


def notes(request: PlanRequest, how: Approach, checks: Checks, start: PodStart) -> tuple[str, ...]:
    """All notes on one plan."""
    return (*_timing(request, start), *_exposure(request, how), *_detection(request, checks))


def _timing(request: PlanRequest, start: PodStart) -> Iterator[str]:
    if request.pod_start is None and any(one.kind is not Kind.SLOW_START for one in request.scenarios):
        yield (
            f"pods are taken as available {start.seconds:g} s after they start ({start.source}); pulling the image and"
            " the program's own start come on top: --pod-start gives the whole time to readiness"
        )
    if not request.bootstrap:
        yield "a new version is noticed by polling, so up to one interval passes before minute 0"


def _exposure(request: PlanRequest, how: Approach) -> Iterator[str]:
    if how.matching_only and request.settings.match_share is None:
        yield "weights and exposure are those of the requests that match; --match-share gives their share of all"
    if any(one.kind is Kind.FLAKY for one in request.scenarios) and not request.bootstrap:
        yield (
            f"flaky: the ticks show one rollout (seed {request.settings.seed}); time to promote is the median and"
            f" exposure the 95th percentile of {request.settings.runs:,} rollouts"
        )


def _detection(request: PlanRequest, checks: Checks) -> Iterator[str]:
    if request.settings.rps is None or request.bootstrap:
        return
    if not checks.known:
        yield "no check counts requests in a known way: what it detects cannot be computed"
    if checks.unknown:
        told = ", ".join(dict.fromkeys(checks.unknown))
        yield f"detection: {told} cannot follow from counted requests and {_is(checks.unknown)} taken as passing"


def _is(names: tuple[str, ...]) -> str:
    return "is" if len(set(names)) == 1 else "are"
