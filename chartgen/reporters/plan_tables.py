"""The text and the tables of a plan that all formats share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.planning.amounts import format_exposure, format_number, format_seconds, format_share
from chartgen.planning.detection.operating_characteristic import Method
from chartgen.planning.exposure import exposure
from chartgen.planning.scenario_run import Ending

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.detection.operating_characteristic import DetectionRow, OperatingCharacteristic
    from chartgen.planning.flaky import FlakyStatistics
    from chartgen.planning.release_plan import ReleasePlan, ScenarioResult, Subject


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the first column is text, all others are numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def heading(plan: ReleasePlan) -> Iterator[str]:
    """Two lines: the Canary, and its strategy with the time that its pods take."""
    subject = plan.subject
    release = "first installation" if subject.bootstrap else "upgrade of a running release"
    yield f"Canary {subject.name} in namespace {subject.namespace} with Flagger {subject.flagger}: {release}"
    compared = "; ".join(f"{label}: {_strategy(each)}" for label, each in plan.compared_subjects)
    yield compared or _strategy(subject)


def _strategy(subject: Subject) -> str:
    source = f" ({subject.provider_source})" if subject.provider_source else ""
    checks = "check" if subject.threshold == 1 else "checks"
    return (
        f"{subject.strategy} on {subject.provider}{source}, a check every {format_seconds(subject.interval)}, rollback"
        f" after {subject.threshold} failed {checks}; pods are available {format_seconds(subject.pod_start.seconds)}"
        f" after they start ({subject.pod_start.source})"
    )


def format_ending(result: ScenarioResult) -> str:
    """How the run ends, when, and with which exposure."""
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


def summary_table(plan: ReleasePlan) -> Table:
    """One row per scenario."""
    header = ["scenario", "ending", "time to promote", "worst time to roll back", "exposure (%·min)"]
    if plan.settings.rps is not None:
        header.append("requests on the new version")
    return Table("numbers", tuple(header), tuple(_summary_row(plan, result) for result in plan.results))


def _summary_row(plan: ReleasePlan, result: ScenarioResult) -> tuple[str, ...]:
    summary = result.summary
    row = [
        result.run.scenario.text,
        result.run.ending.value,
        format_seconds(summary.promote_seconds),
        format_seconds(summary.rollback_seconds),
        format_number(summary.exposure),
    ]
    if plan.settings.rps is not None:
        row.append(_format_count(summary.requests))
    return tuple(row)


def failed_requests_line(plan: ReleasePlan) -> str | None:
    """What a bad release costs; None without --rps."""
    failed = plan.failed_requests
    if failed is None:
        return None
    return (
        f"if {format_share(failed.rate)} of the requests fail: {format_number(failed.mean)} failed requests on average,"
        f" {format_number(failed.p95)} at the 95th percentile; promoted with probability"
        f" {format_share(failed.promoted)}"
    )


def flaky_table(plan: ReleasePlan) -> Table | None:
    """One row per flaky scenario; None without any."""
    rows = tuple(_flaky_row(result, result.flaky) for result in plan.results if result.flaky)
    header = (
        "flaky checks",
        "P(promoted)",
        "P(rolled back)",
        "time to promote, 5th/50th/95th percentile",
        "exposure, 5th/50th/95th percentile",
    )
    return Table("flaky checks", header, rows) if rows else None


def _flaky_row(result: ScenarioResult, flaky: FlakyStatistics) -> tuple[str, ...]:
    seconds, exposures = flaky.promote_seconds, flaky.exposure
    times = " / ".join(format_seconds(each) for each in (seconds.p5, seconds.p50, seconds.p95)) if seconds else "never"
    return (
        result.run.scenario.text,
        format_share(flaky.promoted),
        format_share(flaky.rolled_back),
        times,
        " / ".join(format_number(each) for each in (exposures.p5, exposures.p50, exposures.p95)),
    )


def format_rps(plan: ReleasePlan) -> str:
    """The users' traffic."""
    rps = plan.settings.rps or 0.0
    return f"{rps:g} {'request' if rps == 1 else 'requests'} per second"


def _format_count(count: float | None) -> str:
    return "-" if count is None else format_number(count)


def characteristic_table(plan: ReleasePlan, characteristic: OperatingCharacteristic) -> Table:
    """The operating characteristic for one kind of bad requests."""
    failing = characteristic.kind == SUCCESS_RATE
    bad = "failed requests" if failing else "slow requests"
    question = "can this canary detect a failing release?" if failing else "can this canary detect a slow release?"
    header = (
        "failing" if failing else "slow",
        "P(rolled back)",
        f"{bad}, mean",
        f"{bad}, 95th percentile",
        "time until rollback",
        "method",
    )
    healthy = characteristic.healthy
    rows = tuple(_detection_row(row, healthy=row is healthy) for row in (healthy, *characteristic.rows))
    label = f"{characteristic.label}: " if characteristic.label else ""
    return Table(f"{label}{question} ({format_rps(plan)})", header, rows)


def _detection_row(row: DetectionRow, *, healthy: bool) -> tuple[str, ...]:
    outcomes = row.outcomes
    return (
        "healthy" if healthy else format_share(row.rate),
        format_rollback_probability(row),
        format_number(outcomes.bad_mean),
        format_number(outcomes.bad_p95),
        format_seconds(outcomes.rollback_seconds),
        _format_method(row),
    )


def _format_method(row: DetectionRow) -> str:
    counters = "scraped" if row.scraped else "ideal"
    error = row.outcomes.standard_error
    return f"{counters}, {row.method.value}" + (f" ± {error * 100:.1f} %" if error is not None else "")


def format_rollback_probability(row: DetectionRow) -> str:
    """The probability of a rollback. If none or all of the random rollouts do, it is only close to 0 or 1.

    With n rollouts and none of them, the probability is below 3/n with 95 % confidence.
    """
    probability, rollouts = row.outcomes.rolled_back, row.outcomes.rollouts
    if rollouts and probability in (0, 1):
        margin = format_share(math.ceil(3000 / rollouts) / 1000)
        return f">{format_share(1 - math.ceil(3000 / rollouts) / 1000)}" if probability else f"<{margin}"
    return format_share(probability)


def detection_notes(characteristic: OperatingCharacteristic) -> Iterator[str]:
    """What the table means, and the limits of its model."""
    healthy = characteristic.healthy
    yield f"Flagger rolls back a healthy release with probability {format_rollback_probability(healthy)} (false alarm)"
    yield "requests count until the rollback or the promotion; a promoted bad release keeps failing for all users"
    if characteristic.kind != SUCCESS_RATE:
        yield "P99 exceeds its bound if more than 1 % are slow; exact if a histogram bucket ends at the bound"
    if characteristic.counters:
        yield f"counts {characteristic.counters}"
    if any(row.method is Method.MONTE_CARLO for row in (healthy, *characteristic.rows)):
        yield (
            "rows with method drawn come from seeded random rollouts, because there is no formula for them; ± is their"
            " standard error"
        )


def format_worst_rollback(plan: ReleasePlan) -> str:
    """The worst time to roll back, as a sentence."""
    worst = plan.worst_rollback
    if worst is None or math.isinf(worst):
        return "Flagger never rolls back a bad release"
    return f"Flagger rolls back a bad release within {format_seconds(worst)}"
