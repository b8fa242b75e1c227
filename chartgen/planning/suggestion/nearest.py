"""The settings that exceed the budgets least, if none meets them, and the budget that is in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.planning.amounts import format_number, format_seconds, format_share
from chartgen.planning.suggestion.outcome import excesses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chartgen.planning.budgets import Budgets
    from chartgen.planning.suggestion.contender import Contender
    from chartgen.planning.suggestion.outcome import Outcome

_FIRST_ROUND = 16
_LEFT = 6


def nearest_contenders(contenders: Sequence[Contender], budgets: Budgets, work: int) -> list[Outcome]:
    """The outcomes of the nearest contenders, the nearest first: each round draws more rollouts for the better half."""
    alive = list(contenders)
    rollouts = _FIRST_ROUND
    while alive:
        for contender in alive:
            if contender.rollouts < rollouts and work > 0:
                before = contender.work
                contender.draw(rollouts - contender.rollouts)
                work -= contender.work - before
        alive = sorted(
            (each for each in alive if each.rollouts), key=lambda each: _excess(_nearest(each, budgets), budgets)
        )
        if work <= 0 or len(alive) <= _LEFT:
            break
        alive, rollouts = alive[: max(_LEFT, len(alive) // 2)], 2 * rollouts
    outcomes = [each.outcome(threshold) for each in alive[:_LEFT] for threshold in each.all_thresholds]
    return sorted(outcomes, key=lambda outcome: _excess(outcome, budgets))


def _nearest(contender: Contender, budgets: Budgets) -> Outcome:
    outcomes = (contender.outcome(threshold) for threshold in contender.all_thresholds)
    return min(outcomes, key=lambda outcome: _excess(outcome, budgets))


def _excess(outcome: Outcome, budgets: Budgets) -> float:
    return sum(excess for _, excess in excesses(outcome, budgets))


def single_obstacles(outcomes: Sequence[Outcome], budgets: Budgets) -> Iterator[str]:
    """For each budget without which a setting meets all others: the best that is possible within those."""
    only: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        names = {name for name, _ in excesses(outcome, budgets)}
        if len(names) == 1:
            only.setdefault(names.pop(), []).append(outcome)
    for name, found in only.items():
        best = min(found, key=lambda outcome: _excess(outcome, budgets))
        yield f"{_limit(name, budgets)} is in the way: within the other budgets, {_best(name, best, budgets)}"
    if outcomes and not only:
        exceeded = dict.fromkeys(f"--{name}" for name, _ in excesses(outcomes[0], budgets))
        yield f"more than one budget is in the way: the nearest setting exceeds {' and '.join(exceeded)}"


def _limit(name: str, budgets: Budgets) -> str:
    limits = {
        "max-duration": format_seconds(budgets.duration),
        "max-exposure": format_number(budgets.exposure or 0.0),
        "max-rollback-time": format_seconds(budgets.rollback_time),
        "max-failed-requests": format_number(budgets.failed_requests or 0.0),
        "false-alarm": format_share(budgets.false_alarm or 0.0),
        "detect": ", ".join(f"{format_share(each.rate)}:{format_share(each.probability)}" for each in budgets.detect),
    }
    return f"--{name} {limits[name]}"


def _best(name: str, best: Outcome, budgets: Budgets) -> str:
    rate = format_share(budgets.detect[0].rate) if budgets.detect else ""
    texts = {
        "max-duration": f"a release takes at least {format_seconds(best.promote_seconds)}",
        "max-exposure": f"the exposure is at least {format_number(best.exposure)} percent·minutes",
        "max-rollback-time": f"a rollback takes up to {format_seconds(best.rollback_seconds)}",
        "max-failed-requests": f"at least {format_number(best.failed_p95)} requests fail",
        "false-alarm": f"at least {round(best.false_alarm * 100)} % of the healthy releases are rolled back",
        "detect": f"at most {round(best.lowest_caught * 100)} % of the releases that fail {rate} are rolled back",
    }
    return f"{texts[name]} ({best.setting.description})"
