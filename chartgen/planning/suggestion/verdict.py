"""The numbers of a setting as `chartgen plan` computes them, so that its budgets judge the same."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.planning.exposure import exposure
from chartgen.planning.scenario_run import Ending
from chartgen.planning.scenarios import SUCCESS
from chartgen.planning.suggestion.outcome import Outcome

if TYPE_CHECKING:
    from chartgen.planning.planner import Planner
    from chartgen.planning.suggestion.setting import Setting


def judged_outcome(planner: Planner, setting: Setting) -> Outcome:
    """The outcome of the planner's Canary, which has this setting."""
    run = planner.release.run(SUCCESS)
    failed = planner.failed_requests()
    rollback = planner.release.worst_rollback()
    settings = planner.request.settings
    caught = planner.detection_probabilities()
    analysis = planner.detection_analysis()
    errors = [
        analysis.row(SUCCESS_RATE, each.rate, baseline=settings.healthy_error_rate).outcomes.standard_error or 0.0
        for each in caught
        if analysis
    ]
    return Outcome(
        setting=setting,
        promote_seconds=run.seconds if run.ending is Ending.PROMOTED else math.inf,
        exposure=exposure(run),
        rollback_seconds=math.inf if rollback is None else rollback,
        caught=tuple(each.probability for each in caught),
        failed_mean=failed.mean if failed else math.inf,
        failed_p95=failed.p95 if failed else math.inf,
        false_alarm=1.0 if planner.false_alarm() is None else planner.false_alarm() or 0.0,
        error=max(errors, default=0.0),
    )
