"""The numbers of a course: time to promote, time to roll back, exposure, requests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from chartgen.planning.exposure import exposure, requests
from chartgen.planning.release_plan import Figures
from chartgen.planning.scenario_run import Ending
from chartgen.planning.scenarios import Kind

if TYPE_CHECKING:
    from chartgen.planning.flaky import Spread
    from chartgen.planning.release_plan import Settings
    from chartgen.planning.scenario_run import ScenarioRun

_CAUSED_BY_CHECKS = (Kind.FAIL, Kind.NO_TRAFFIC)


def figures_of(course: ScenarioRun, settings: Settings, worst_rollback: float | None, spread: Spread | None) -> Figures:
    """The numbers of one course. Those of a flaky one are its median time and its 95th percentile of exposure.

    `worst_rollback` is what holds where this course itself is not rolled back by its checks.
    """
    if course.ending in (Ending.INITIALIZED, Ending.NOTHING):
        return Figures(None, None, 0.0, None, None)
    exposed = spread.exposure.p95 if spread else exposure(course)
    asked = requests(course, settings.rps) if settings.rps is not None else None
    failing = course.scenario.kind is Kind.FAIL and course.ending is not Ending.PROMOTED
    return Figures(
        promote_seconds=_promotion(course, spread),
        rollback_seconds=_own_rollback(course) or worst_rollback,
        exposure=exposed,
        requests=asked,
        failed=asked * error_rate(settings) if asked is not None and failing else None,
    )


def error_rate(settings: Settings) -> float:
    """The share of a bad release's requests that fail: all of them where nothing is said."""
    return 1.0 if settings.error_rate is None else settings.error_rate


def _promotion(course: ScenarioRun, spread: Spread | None) -> float | None:
    """Infinite where a promotion should come and does not; None where the scenario is about something else."""
    if spread:
        return spread.promote_seconds.p50 if spread.promote_seconds else math.inf
    if course.ending is Ending.PROMOTED:
        return course.seconds
    return None if course.scenario.kind in _CAUSED_BY_CHECKS else math.inf


def _own_rollback(course: ScenarioRun) -> float | None:
    """From the first moment at which the scenario's release is bad to its rollback."""
    if course.ending is not Ending.ROLLED_BACK or course.scenario.kind not in _CAUSED_BY_CHECKS:
        return None
    bad = (moment.second for moment in course.ticks if moment.trial and moment.canary >= course.scenario.weight)
    start = next(bad, None)
    return None if start is None else course.seconds - start
