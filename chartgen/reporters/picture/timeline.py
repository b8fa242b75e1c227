"""What a picture shows of a run: its line, its phases, the steps of its promotion, its failed checks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from chartgen.planning.scenario_run import Ending

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.release_plan import ScenarioResult
    from chartgen.planning.scenario_run import ScenarioRun, TickView

ENDLESS = (Ending.STALLED, Ending.CUT)
# The events after which the weight changes for another reason than a step, and what the picture calls them.
_EVENTS = {
    "Copying ": "Copying",
    "Routing all traffic to primary": "Routing to primary",
    "Routing all traffic to canary": "Routing to canary",
}
_ENDINGS = {
    Ending.PROMOTED: "Promoted",
    Ending.ROLLED_BACK: "Rolled back",
    Ending.INITIALIZED: "Initialized",
    Ending.STALLED: "Never ends",
    Ending.CUT: "Cut",
}
_PHASES = {
    "Initializing": "initializing",
    "Waiting": "waiting",
    "Progressing": "analysis",
    "WaitingPromotion": "waiting for promotion",
    "Promoting": "promoting",
    "Finalising": "finalising",
}


@dataclass(frozen=True, slots=True)
class Step:
    """The weight (percent) from `second` on."""

    second: float
    weight: float


@dataclass(frozen=True, slots=True)
class Mark:
    """An event at `second`; `ending`: the run ends with it."""

    second: float
    text: str
    ending: bool = False


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase from `start` to `end` (seconds)."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """The check that fails at `second`, the `count`-th of its run."""

    second: float
    weight: float
    count: int


def seconds_of(result: ScenarioResult) -> float:
    """How long the result's part of the picture is."""
    return result.flaky.course.seconds if result.flaky else result.run.seconds


def steps(run: ScenarioRun, weight: str = "canary") -> list[Step]:
    """The line's changes; `weight` names its kind: see `_weight`."""
    found: list[Step] = []
    for tick in run.ticks:
        value = _weight(tick, weight)
        if not found or found[-1].weight != value:
            found.append(Step(tick.second, value))
    return found


def _weight(tick: TickView, kind: str) -> float:
    """`canary`: the routing weight. `users`: the same where users meet it. `unseen`: requests that no user sees."""
    if kind == "canary":
        return tick.canary_weight
    if kind == "users":
        return tick.canary_weight if tick.user_share > 0 else 0.0
    if tick.user_share > 0:
        return 0.0
    return max(tick.canary_weight, tick.measured_share * 100 if tick.mirrored else 0.0)


def unseen_requests(run: ScenarioRun) -> str:
    """Why the new version has requests or weight that no user meets; empty if it has none."""
    if not any(step.weight for step in steps(run, "unseen")):
        return ""
    mirrored = any(tick.mirrored for tick in run.ticks)
    return "mirrored requests, which no user sees" if mirrored else "no user reaches the new version"


def marks(run: ScenarioRun) -> Iterator[Mark]:
    """The steps of the promotion and the ending, in order."""
    seen: set[str] = set()
    for tick in run.ticks:
        for start, text in _EVENTS.items():
            if text not in seen and any(event.text.startswith(start) for event in tick.events):
                seen.add(text)
                yield Mark(tick.second, text)
    ending = _ENDINGS.get(run.ending)
    if ending and run.ticks:
        yield Mark(run.ticks[-1].second, ending, ending=True)


def phases(run: ScenarioRun, end: float) -> list[Phase]:
    """The phases of a run; one that never ends continues to `end`."""
    found: list[Phase] = []
    begun = _analysis_start(run)
    last = run.ticks[-1] if run.ticks else None
    spans = [(tick, following.second) for tick, following in pairwise(run.ticks)]
    if last and run.ending in ENDLESS:
        spans.append((last, max(end, last.second)))
    for tick, until in spans:
        name = _PHASES.get(tick.phase, tick.phase.lower() or "starting")
        if tick.phase == "Progressing" and (begun is None or tick.second < begun):
            name = "starting"
        if found and found[-1].name == name:
            found[-1] = Phase(name, found[-1].start, until)
        else:
            found.append(Phase(name, tick.second, until))
    return found


def _analysis_start(run: ScenarioRun) -> float | None:
    """The tick from which the new version gets requests or is checked."""
    checked = next((tick.second for tick in run.ticks if tick.checked), None)
    starts = [second for second in (checked, run.first_traffic) if second is not None]
    return min(starts, default=None)


def failed_checks(run: ScenarioRun) -> list[FailedCheck]:
    """Each tick at which the count of failed checks rises."""
    before = [0, *(tick.failed_checks for tick in run.ticks)]
    return [
        FailedCheck(tick.second, tick.canary_weight, tick.failed_checks)
        for tick, previous in zip(run.ticks, before, strict=False)
        if tick.failed_checks > previous
    ]
