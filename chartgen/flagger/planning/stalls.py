"""Why a rollout never ends, in plain words: read in what repeats, with the numbers of the spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.planning.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chartgen.flagger.canary import Analysis, Canary
    from chartgen.flagger.planning.course import Moment
    from chartgen.flagger.planning.strategy import Approach

_FULL_WEIGHT = 100


def stall_told(canary: Canary, how: Approach, moments: Sequence[Moment]) -> str:
    """What keeps the last moments as they are. `moments` is not empty."""
    last = moments[-1]
    texts = [event.text for event in last.events]
    gate = _gate(canary, last, texts)
    if gate:
        return gate
    waiting = next((text for text in texts if "not ready" in text), None)
    if waiting:
        return f"never {_goal(last)}: {waiting}"
    if last.phase == "Promoting":
        return (
            f"never finishes: the canary's weight is {last.canary:g} and no step of stepWeightPromotion ends the shift"
        )
    if last.phase == "Progressing" and how.strategy is Strategy.WEIGHTS:
        return f"never promotes: {_weights(canary.analysis, how, last)}"
    repeated = next((event.text for event in reversed(last.events) if event.type == "Warning"), None)
    return f"never {_goal(last)}: every tick repeats “{repeated or (texts or ['nothing'])[-1]}”"


def _goal(last: Moment) -> str:
    return "starts" if last.phase in {"", "Initializing"} else "promotes"


def _gate(canary: Canary, last: Moment, texts: list[str]) -> str | None:
    if last.phase == "Waiting":
        return f"waits at the gate {_named(canary, 'confirm-rollout')} (confirm-rollout) before any pod starts"
    if last.phase == "WaitingPromotion":
        held = f"{last.canary:g} % stay on the new version" if last.users else "no user meets the new version"
        return f"waits at the gate {_named(canary, 'confirm-promotion')} (confirm-promotion): {held}"
    if any("waiting for traffic increase approval" in text for text in texts):
        name = _named(canary, "confirm-traffic-increase")
        return f"waits at the gate {name} (confirm-traffic-increase) at weight {last.canary:g}"
    return None


def _named(canary: Canary, kind: str) -> str:
    return next((f"“{hook.name}”" for hook in canary.hooks(kind)), "of the Canary")


def _weights(analysis: Analysis, how: Approach, last: Moment) -> str:
    if last.canary >= _FULL_WEIGHT and how.maximum > _FULL_WEIGHT:
        return f"maxWeight {how.maximum} can't be reached, the weight ends at 100"
    if how.mirror and last.canary == 0:
        return f"provider {how.provider} does not mirror for weights, and the first step waits for a mirror"
    if how.weights:
        return f"stepWeights {list(how.weights)} has no step up from {last.canary:g}"
    return f"stepWeight {analysis.step_weight} is no step up, the weight stays at {last.canary:g}"
