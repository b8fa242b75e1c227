"""Plans made by hand, for reporters to print: the seed's example as semantics.md section 7 has it."""

from __future__ import annotations

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.planning.detection.exact import OutcomeDistribution
from chartgen.planning.detection.operating_characteristic import Method, OperatingCharacteristic, Row
from chartgen.planning.exposure import exposure
from chartgen.planning.release_plan import Figures, Played, ReleasePlan, Settings, Subject
from chartgen.planning.scenario_run import Ending, Event, ScenarioRun, TickView
from chartgen.planning.scenarios import parse_scenario
from chartgen.planning.startup import PodStart


def moment(tick: int, phase: str, canary: float, *events: str, failed: int = 0, checked: bool = True) -> TickView:
    told = tuple(Event("Warning" if "Halt" in text or "Rolling" in text else "Normal", text) for text in events)
    share = canary / 100
    return TickView(tick, tick * 60.0, phase, 100 - canary, canary, share, share, failed, 0, False, told, checked)


def success() -> ScenarioRun:
    steps = [moment(1 + at, "Progressing", 10 + 10 * at, f"Advance app.jx canary weight {10 + 10 * at}", checked=at > 0) for at in range(5)]  # fmt: skip
    return ScenarioRun(
        parse_scenario("success"),
        (
            moment(0, "Progressing", 0, "New revision detected! Scaling up app.jx", checked=False),
            *steps,
            moment(6, "Promoting", 50, "Copying app.jx template spec to app-primary.jx"),
            moment(7, "Finalising", 0, "Routing all traffic to primary", checked=False),
            moment(8, "Succeeded", 0, "Promotion completed! Scaling down app.jx", checked=False),
        ),
        Ending.PROMOTED,
    )


def failing() -> ScenarioRun:
    halt = "Halt app.jx advancement success rate 94.00% < 99%"
    return ScenarioRun(
        parse_scenario("fail@10"),
        (
            moment(0, "Progressing", 0, "New revision detected! Scaling up app.jx", checked=False),
            moment(1, "Progressing", 10, "Starting canary analysis for app.jx", "Advance app.jx canary weight 10", checked=False),
            *(moment(1 + at, "Progressing", 10, halt, failed=at) for at in range(1, 6)),
            moment(7, "Failed", 0, "Rolling back app.jx failed checks threshold reached 5", "Canary failed! Scaling down app.jx"),
        ),
        Ending.ROLLED_BACK,
    )  # fmt: skip


def endless() -> ScenarioRun:
    steps = (moment(at, "Progressing", min(100, 40 * at), f"Advance app.jx canary weight {min(100, 40 * at)}") for at in range(5))  # fmt: skip
    stall = "never promotes: maxWeight 110 can't be reached, the weight ends at 100"
    return ScenarioRun(parse_scenario("success"), tuple(steps), Ending.STALLED, stall)


def played(course: ScenarioRun, *, promote: float | None = None, rollback: float | None = 360.0) -> Played:
    return Played(course, Figures(promote, rollback, exposure(course), None, None))


def characteristic() -> OperatingCharacteristic:
    def row(rate: float, back: float, seconds: float | None) -> Row:
        return Row(rate, OutcomeDistribution(back, 1 - back, 1000 * rate, 1200 * rate, seconds), Method.EXACT)

    rows = ((0.001, 0.0002, 400.0), (0.01, 0.4, 390.0), (0.05, 0.97, 380.0), (1.0, 1.0, 360.0))
    return OperatingCharacteristic(SUCCESS_RATE, row(0.0, 0.00001, None), tuple(row(*one) for one in rows))


def plan(*courses: Played, seen: bool = False, warnings: tuple[str, ...] = ()) -> ReleasePlan:
    start = PodStart(12.0, 0.0, "from the probes")
    subject = Subject("app", "jx", "1.44.0", "canary by weight", "istio", 60.0, 5, start, bootstrap=False)
    shown = courses or (played(success(), promote=480.0), played(failing()))
    found = (characteristic(),) if seen else ()
    settings = Settings(rps=20.0 if seen else None)
    return ReleasePlan(subject, settings, shown, 360.0, None, warnings, (), found)
