"""Plans built by hand for the reporters: a weight canary from 10 to 50 % with threshold 5."""

from __future__ import annotations

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.planning.detection.exact import OutcomeDistribution
from chartgen.planning.detection.operating_characteristic import DetectionRow, Method, OperatingCharacteristic
from chartgen.planning.exposure import exposure
from chartgen.planning.release_plan import ReleasePlan, RunSummary, ScenarioResult, Subject
from chartgen.planning.scenario_run import Ending, Event, ScenarioRun, TickView
from chartgen.planning.scenarios import parse_scenario
from chartgen.planning.simulation_settings import SimulationSettings
from chartgen.planning.startup import PodStart
from chartgen.planning.strategy import WeightLimit


def tick_view(number: int, phase: str, canary: float, *events: str, failed: int = 0, checked: bool = True) -> TickView:
    recorded = tuple(Event("Warning" if "Halt" in text or "Rolling" in text else "Normal", text) for text in events)
    share = canary / 100
    return TickView(
        number, number * 60.0, phase, 100 - canary, canary, share, share, failed, 0, False, recorded, checked
    )


def success() -> ScenarioRun:
    steps = [tick_view(1 + step, "Progressing", 10 + 10 * step, f"Advance app.jx canary weight {10 + 10 * step}", checked=step > 0) for step in range(5)]  # fmt: skip
    return ScenarioRun(
        parse_scenario("success"),
        (
            tick_view(0, "Progressing", 0, "New revision detected! Scaling up app.jx", checked=False),
            *steps,
            tick_view(6, "Promoting", 50, "Copying app.jx template spec to app-primary.jx"),
            tick_view(7, "Finalising", 0, "Routing all traffic to primary", checked=False),
            tick_view(8, "Succeeded", 0, "Promotion completed! Scaling down app.jx", checked=False),
        ),
        Ending.PROMOTED,
    )


def failing() -> ScenarioRun:
    halt = "Halt app.jx advancement success rate 94.00% < 99%"
    return ScenarioRun(
        parse_scenario("fail@10"),
        (
            tick_view(0, "Progressing", 0, "New revision detected! Scaling up app.jx", checked=False),
            tick_view(1, "Progressing", 10, "Starting canary analysis for app.jx", "Advance app.jx canary weight 10", checked=False),
            *(tick_view(1 + failed, "Progressing", 10, halt, failed=failed) for failed in range(1, 6)),
            tick_view(7, "Failed", 0, "Rolling back app.jx failed checks threshold reached 5", "Canary failed! Scaling down app.jx"),
        ),
        Ending.ROLLED_BACK,
    )  # fmt: skip


def endless() -> ScenarioRun:
    steps = (tick_view(step, "Progressing", min(100, 40 * step), f"Advance app.jx canary weight {min(100, 40 * step)}") for step in range(5))  # fmt: skip
    stall = "never promotes: maxWeight 110 can't be reached, the weight ends at 100"
    return ScenarioRun(parse_scenario("success"), tuple(steps), Ending.STALLED, stall)


def result(run: ScenarioRun, *, promote: float | None = None, rollback: float | None = 360.0) -> ScenarioResult:
    return ScenarioResult(run, RunSummary(promote, rollback, exposure(run), None))


def characteristic() -> OperatingCharacteristic:
    def row(rate: float, rolled_back: float, seconds: float | None) -> DetectionRow:
        return DetectionRow(
            rate, OutcomeDistribution(rolled_back, 1 - rolled_back, 1000 * rate, 1200 * rate, seconds), Method.EXACT
        )

    rows = ((0.001, 0.0002, 400.0), (0.01, 0.4, 390.0), (0.05, 0.97, 380.0), (1.0, 1.0, 360.0))
    return OperatingCharacteristic(SUCCESS_RATE, row(0.0, 0.00001, None), tuple(row(*values) for values in rows))


def plan(*results: ScenarioResult, detection: bool = False, warnings: tuple[str, ...] = ()) -> ReleasePlan:
    pod_start = PodStart(12.0, 0.0, "from the probes")
    subject = Subject(
        "app",
        "jx",
        "1.44.0",
        "canary by weight",
        "istio",
        60.0,
        5,
        pod_start,
        bootstrap=False,
        chart="shop",
        weight_limit=WeightLimit("maxWeight", 50.0),
    )
    planned = results or (result(success(), promote=480.0), result(failing()))
    characteristics = (characteristic(),) if detection else ()
    settings = SimulationSettings(rps=20.0 if detection else None)
    return ReleasePlan(subject, settings, planned, 360.0, None, warnings, (), characteristics)
