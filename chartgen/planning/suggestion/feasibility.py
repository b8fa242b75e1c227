"""What rules a search out before any rollout is drawn, and the bound that no setting can pass."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from chartgen.errors import UsageError
from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.flagger.strategy import Strategy
from chartgen.planning.amounts import format_number, format_seconds, format_share
from chartgen.planning.detection.checks import checks_of
from chartgen.planning.no_values import no_values_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.budgets import Budgets
    from chartgen.planning.planner import Planner

LOAD_HINT = "generate load with a webhook that runs hey (--synthetic-rps), or use blue/green with such a load"


def require_searchable(planner: Planner) -> None:
    """UsageError if no setting of this Canary's analysis decides anything, or its traffic is unknown."""
    canary, approach = planner.canary, planner.release.approach
    name = f"Canary {canary.names.canary}"
    if approach.strategy is Strategy.SKIP:
        raise UsageError(
            f"--suggest: {name} has no analysis (skipAnalysis)", hint="remove skipAnalysis, so that checks run"
        )
    if planner.release.stuck_bootstrap is not None:
        raise UsageError(
            f"--suggest: Flagger never initializes {name}", hint="run chartgen plan --bootstrap to see what is missing"
        )
    if approach.matching_only and planner.request.settings.match_share is None:
        raise UsageError(
            f"--suggest: {name} is an A/B test, and the number of matching requests is unknown",
            hint="add --match-share SHARE, the share of all requests that the A/B test matches",
        )
    if not any(check.kind == SUCCESS_RATE for check in checks_of(canary).modeled):
        raise UsageError(
            f"--suggest: no metric of {name} counts failed requests",
            hint="add the metric request-success-rate with a thresholdRange.min",
        )
    blind = no_values_reason(canary)
    if blind:
        raise UsageError(f"--suggest: the checks of {name} never have values: {blind}", hint="run chartgen lint")


def unreachable(planner: Planner, budgets: Budgets, seconds: float) -> Iterator[str]:
    """Why no setting can meet a `--detect` budget: the bad requests that arrive within `seconds` are too few.

    A check can only see a bad release if at least one of its requests fails. Even at full weight for the whole time,
    that has the probability 1 - exp(-requests · rate).
    """
    traffic, approach = planner.traffic(), planner.release.approach
    silent = approach.strategy is Strategy.BLUE_GREEN and not (approach.mirror or traffic.both_versions)
    if silent and not traffic.synthetic_rps:
        yield (
            "during the iterations no request reaches the new version, so its checks have no values and Flagger rolls"
            f" back every release; {LOAD_HINT.partition(', ')[0]}, or set mirror if the provider supports it"
        )
        return
    share = planner.request.settings.match_share if approach.matching_only else 1.0
    requests = (traffic.user_rps * (share or 0.0) + traffic.synthetic_rps) * seconds
    for budget in budgets.detect:
        if -math.expm1(-requests * budget.rate) < budget.probability:
            weights = approach.strategy is Strategy.WEIGHTS
            yield (
                f"no {'canary by weight' if weights else 'analysis'} can see {format_share(budget.rate)} in"
                f" {format_seconds(seconds)}: of {format_number(requests)} requests, even if all reach the new version,"
                f" only {format_number(requests * budget.rate)} fail; {LOAD_HINT}"
            )


def tolerated(planner: Planner, budgets: Budgets) -> Iterator[str]:
    """`--detect` budgets for rates that the success rate's own minimum accepts."""
    lowest = max(check.low for check in checks_of(planner.canary).modeled if check.kind == SUCCESS_RATE)
    for budget in budgets.detect:
        if budget.rate <= 1 - lowest:
            yield (
                f"request-success-rate accepts {format_share(float(1 - lowest))} of failed requests: a release that"
                f" fails {format_share(budget.rate)} passes; raise thresholdRange.min above {100 - budget.rate * 100:g}"
            )
