"""The sentences of a plan that all formats share: its heading, endings, units, probabilities, notes."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.planning.amounts import (
    format_exposure,
    format_number,
    format_probability,
    format_seconds,
    format_share,
)
from chartgen.planning.detection.operating_characteristic import Method
from chartgen.planning.exposure import exposure
from chartgen.planning.scenario_run import Ending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.planning.detection.operating_characteristic import DetectionRow, OperatingCharacteristic
    from chartgen.planning.flaky import FlakyStatistics
    from chartgen.planning.release_plan import ReleasePlan, ScenarioResult, Subject
    from chartgen.planning.scenario_run import TickView

_UNIT_EXAMPLE = 200.0
_SPOKEN_SECONDS = 120


def heading(plan: ReleasePlan) -> Iterator[str]:
    """The title; then the Canary with its strategy, or one line for each of the compared ones."""
    subject = plan.subject
    release = "first installation" if subject.bootstrap else "upgrade of a running release"
    yield f"{subject.title}: {release} with Flagger {subject.flagger}"
    for label, each in plan.compared_subjects or (("", subject),):
        prefix = f"{label}: " if label else ""
        yield f"{prefix}Canary {each.name} in namespace {each.namespace}: {strategy(each)}"


def strategy(subject: Subject) -> str:
    """How the Canary shifts traffic and decides."""
    source = f" ({subject.provider_source})" if subject.provider_source else ""
    checks = "check" if subject.threshold == 1 else "checks"
    return (
        f"{subject.strategy} on {subject.provider}{source}, a check every {format_seconds(subject.interval)}, rollback"
        f" after {subject.threshold} failed {checks}"
    )


def format_ending(result: ScenarioResult) -> str:
    """How the run ends, when, and with which exposure."""
    if result.flaky:
        return _flaky_ending(result.flaky)
    run = result.run
    match run.ending:
        case Ending.PROMOTED:
            ending = f"promoted after {format_seconds(run.seconds)}"
        case Ending.ROLLED_BACK:
            ending = f"rolled back after {format_seconds(run.seconds)}"
        case Ending.INITIALIZED:
            return f"initialized after {format_seconds(run.seconds)}: Flagger doesn't analyze the first version"
        case Ending.STALLED:
            ending = run.stall or "never ends"
        case Ending.NOTHING:
            return f"nothing happens: {run.stall}" if run.stall else "nothing happens"
        case Ending.CUT:
            ending = f"cut after {len(run.ticks)} ticks"
    return f"{ending}; exposure {format_exposure(exposure(run))}"


def _flaky_ending(flaky: FlakyStatistics) -> str:
    seconds, course = flaky.promote_seconds, flaky.course
    time = f", after {format_seconds(course.promote_seconds)} on average" if seconds else ""
    return (
        f"promoted with a probability of {format_probability(flaky.promoted)}{time}; exposure"
        f" {format_exposure(course.exposure)} on average (5 % to 95 %:"
        f" {format_number(flaky.exposure.p5)} to {format_number(flaky.exposure.p95)})"
    )


def exposure_unit(plan: ReleasePlan) -> str:
    """The unit of exposure by an example: that of the first run that has one."""
    found = (exposure(result.run) if not result.flaky else result.flaky.course.exposure for result in plan.results)
    example = next((value for value in found if 0 < value < math.inf), _UNIT_EXAMPLE)
    users = "all matching users" if plan.settings.match_share is None and plan.subject.matching_only else "all users"
    return f"{format_exposure(example)} = {users} for {_spoken(example / 100 * 60)}"


def with_unit(ending: str, plan: ReleasePlan) -> str:
    """The ending of a run, with the unit of its exposure explained."""
    unit = exposure_unit(plan)
    amount = unit.partition(" = ")[0]
    return ending.removesuffix(amount) + unit if ending.endswith(f" {amount}") else f"{ending} ({unit})"


def _spoken(seconds: float) -> str:
    """`2 minutes`, `36 seconds`, or as in tables."""
    whole = round(seconds)
    if whole % 60 and whole >= _SPOKEN_SECONDS:
        return format_seconds(seconds)
    count, unit = (whole, "second") if whole % 60 else (whole // 60, "minute")
    return f"{count:,} {unit}{'s' if count != 1 else ''}"


def format_rps(plan: ReleasePlan) -> str:
    """The users' traffic that detection counts."""
    return plan.settings.detection_rate


def format_rollback_probability(row: DetectionRow) -> str:
    """The probability of a rollback. If none or all of the random rollouts do, it is only close to 0 or 1.

    With n rollouts and none of them, the probability is below 3/n with 95 % confidence.
    """
    probability, rollouts = row.outcomes.rolled_back, row.outcomes.rollouts
    if rollouts and probability in (0, 1):
        margin = format_share(math.ceil(3000 / rollouts) / 1000)
        return f">{format_share(1 - math.ceil(3000 / rollouts) / 1000)}" if probability else f"<{margin}"
    return format_probability(probability)


def short_probability(row: DetectionRow) -> str:
    """The probability of a rollback in whole percent."""
    percent, drawn = row.outcomes.rolled_back * 100, row.outcomes.rollouts
    if percent < 1 and (percent or drawn):
        return "<1 %"
    if percent > 99 and (percent < 100 or drawn):  # noqa: PLR2004 - percent
        return ">99 %"
    return f"{percent:.0f} %"


def worst_rollback_lines(plan: ReleasePlan) -> Iterator[str]:
    """The worst time to roll back, as a sentence; one for each of the compared plans, unless all are the same."""
    yield from _labeled(plan, _worst_rollback)


def _worst_rollback(plan: ReleasePlan) -> str:
    worst = plan.worst_rollback
    if worst is None or math.isinf(worst):
        return "Flagger never rolls back a bad release"
    return f"Flagger rolls back a bad release within {format_seconds(worst)}"


def failed_requests_lines(plan: ReleasePlan) -> Iterator[str]:
    """What a bad release costs; nothing without requests of users. One line for each of the compared plans."""
    yield from _labeled(plan, _failed_requests)


def _failed_requests(plan: ReleasePlan) -> str:
    failed = plan.failed_requests
    if failed is None or not plan.settings.peak_rps:
        return ""
    hour = plan.settings.failure_hour
    return (
        f"{hour.removeprefix(' ') + ', ' if hour else ''}if {format_share(failed.rate)} of the requests fail:"
        f" {format_number(failed.mean)} failed requests on average, {format_number(failed.p95)} at the 95th percentile;"
        f" promoted with probability {format_probability(failed.promoted)}"
    )


def _labeled(plan: ReleasePlan, text_of: Callable[[ReleasePlan], str]) -> Iterator[str]:
    """The text of a plan, or those of the compared ones with their labels; a text that all of them share is one."""
    texts = [(label, text_of(each)) for label, each in plan.compared or (("", plan),)]
    if len({text for _, text in texts}) == 1:
        texts = [("", texts[0][1])]
    yield from (f"{label}: {text}" if label else text for label, text in texts if text)


def capitalized(plan: ReleasePlan, text: str) -> str:
    """The text as a sentence or a heading of its own; the label of a compared plan stays as it is."""
    labeled = any(text.startswith(f"{label}: ") for label, _ in plan.compared)
    return text if labeled else text[:1].upper() + text[1:]


def detection_notes(characteristic: OperatingCharacteristic) -> Iterator[str]:
    """What the table means, and the limits of its model."""
    yield "bad requests count until the rollback or the promotion; a promoted bad release keeps failing"
    if characteristic.kind != SUCCESS_RATE:
        yield "P99 exceeds its bound if more than 1 % are slow; exact if a histogram bucket ends at the bound"
    if characteristic.counters:
        yield f"counts {characteristic.counters}"
    if any(row.method is Method.MONTE_CARLO for row in (characteristic.healthy, *characteristic.rows)):
        yield "drawn: from seeded random rollouts, because there is no formula; ± is their standard error"


def all_notes(plan: ReleasePlan) -> tuple[str, ...]:
    """Those of the plan and of its detection tables, each once."""
    details = (note for each in plan.characteristics for note in detection_notes(each))
    return tuple(dict.fromkeys((*plan.notes, *details)))


def events_of(plan: ReleasePlan, tick: TickView) -> list[str]:
    """The events of a tick, without the namespace that Flagger appends to every name."""
    spaces = {subject.namespace for subject in (plan.subject, *(each for _, each in plan.compared_subjects))}
    suffix = re.compile(rf"(?<=[a-z0-9])\.(?:{'|'.join(map(re.escape, spaces))})(?![\w.-])")
    return [suffix.sub("", event.text) for event in tick.events]
