"""Summarizes a scenario run: time to promote, time to roll back, exposure, requests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from chartgen.planning.exposure import exposure, requests, requests_of
from chartgen.planning.release_plan import RunSummary
from chartgen.planning.scenario_run import Ending
from chartgen.planning.scenarios import ScenarioKind

if TYPE_CHECKING:
    from chartgen.planning.flaky import FlakyStatistics
    from chartgen.planning.scenario_run import ScenarioRun
    from chartgen.planning.simulation_settings import SimulationSettings

_CHECKS_FAIL = (ScenarioKind.FAIL, ScenarioKind.NO_TRAFFIC)


def summarize_run(
    run: ScenarioRun, settings: SimulationSettings, worst_rollback: float | None, flaky: FlakyStatistics | None
) -> RunSummary:
    """The summary of one run. A flaky run gets its median time, the 95th percentile of its exposure, and its mean
    number of requests.

    `worst_rollback` (seconds) applies if failed checks don't roll this run back.
    """
    if run.ending in (Ending.INITIALIZED, Ending.NOTHING):
        return RunSummary(None, None, 0.0, None)
    return RunSummary(
        promote_seconds=_promote_seconds(run, flaky),
        rollback_seconds=_rollback_seconds(run) or worst_rollback,
        exposure=flaky.exposure.p95 if flaky else exposure(run),
        requests=_request_count(run, settings, flaky),
    )


def _request_count(run: ScenarioRun, settings: SimulationSettings, flaky: FlakyStatistics | None) -> float | None:
    """The mean of a flaky run; None without --rps."""
    if settings.rps is None:
        return None
    return requests_of(flaky.course.exposure, settings.rps) if flaky else requests(run, settings.rps)


def error_rate(settings: SimulationSettings) -> float:
    """The share of a bad release's requests that fail; defaults to all of them."""
    return 1.0 if settings.error_rate is None else settings.error_rate


def _promote_seconds(run: ScenarioRun, flaky: FlakyStatistics | None) -> float | None:
    """Infinite if the expected promotion never happens; None if the scenario doesn't expect one."""
    if flaky:
        return flaky.promote_seconds.p50 if flaky.promote_seconds else math.inf
    if run.ending is Ending.PROMOTED:
        return run.seconds
    return None if run.scenario.kind in (*_CHECKS_FAIL, ScenarioKind.PODS_FAIL) else math.inf


def _rollback_seconds(run: ScenarioRun) -> float | None:
    """From the first tick at which the scenario's release is bad to its rollback."""
    if run.ending is not Ending.ROLLED_BACK or run.scenario.kind not in _CHECKS_FAIL:
        return None
    bad = (tick.second for tick in run.ticks if tick.can_roll_back and tick.canary_weight >= run.scenario.weight)
    start = next(bad, None)
    return None if start is None else run.seconds - start
