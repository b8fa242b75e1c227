"""The tables of a plan that all formats share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.planning.amounts import format_number, format_probability, format_seconds, format_share
from chartgen.planning.detection.discrimination import detects
from chartgen.reporters.plan_words import format_rollback_probability, format_rps

if TYPE_CHECKING:
    from chartgen.planning.detection.operating_characteristic import DetectionRow, OperatingCharacteristic
    from chartgen.planning.flaky import FlakyStatistics
    from chartgen.planning.release_plan import ReleasePlan, ScenarioResult


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the first column is text, all others are numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def summary_table(plan: ReleasePlan) -> Table:
    """One row per scenario."""
    header = ["scenario", "ending", "time to promote", "worst time to roll back", "exposure (%·min)"]
    if plan.settings.rps is not None:
        rate = f", at {plan.settings.rps:g} per second" if plan.settings.failure_hour else ""
        header.append(f"requests on the new version{rate}")
    return Table("numbers", tuple(header), tuple(_summary_row(plan, result) for result in plan.results))


def _summary_row(plan: ReleasePlan, result: ScenarioResult) -> tuple[str, ...]:
    """A flaky scenario has the probability of its promotion, and means."""
    summary, flaky = result.summary, result.flaky
    row = [
        result.run.scenario.text,
        f"promoted {format_probability(flaky.promoted)}" if flaky else result.run.ending.value,
        _mean(format_seconds(flaky.course.promote_seconds)) if flaky else format_seconds(summary.promote_seconds),
        format_seconds(summary.rollback_seconds),
        _mean(format_number(flaky.course.exposure)) if flaky else format_number(summary.exposure),
    ]
    if plan.settings.rps is not None:
        count = _format_count(summary.requests)
        row.append(_mean(count) if flaky else count)
    return tuple(row)


def _mean(text: str) -> str:
    return f"mean {text}" if text != "-" else text


def _format_count(count: float | None) -> str:
    return "-" if count is None else format_number(count)


def flaky_table(plan: ReleasePlan) -> Table | None:
    """One row per flaky scenario; None without any."""
    rows = tuple(_flaky_row(result, result.flaky) for result in plan.results if result.flaky)
    header = (
        "flaky checks",
        "promoted",
        "rolled back",
        "time to promote: mean",
        "5th to 95th percentile",
        "exposure: mean",
        "5th to 95th percentile",
    )
    return Table("flaky checks", header, rows) if rows else None


def _flaky_row(result: ScenarioResult, flaky: FlakyStatistics) -> tuple[str, ...]:
    seconds, exposures = flaky.promote_seconds, flaky.exposure
    return (
        result.run.scenario.text,
        format_probability(flaky.promoted),
        format_probability(flaky.rolled_back),
        format_seconds(flaky.course.promote_seconds) if seconds else "never",
        f"{format_seconds(seconds.p5)} to {format_seconds(seconds.p95)}" if seconds else "-",
        format_number(flaky.course.exposure),
        f"{format_number(exposures.p5)} to {format_number(exposures.p95)}",
    )


def characteristic_table(plan: ReleasePlan, characteristic: OperatingCharacteristic) -> Table:
    """The operating characteristic for one kind of bad requests."""
    failing = characteristic.kind == SUCCESS_RATE
    bad = "failed requests" if failing else "slow requests"
    question = "can this canary detect a failing release?" if failing else "can this canary detect a slow release?"
    header = (
        "failing" if failing else "slow",
        "rolled back",
        f"{bad}: mean",
        "95th percentile",
        "time until rollback",
        "method",
    )
    healthy = characteristic.healthy
    if not detects(1.0, healthy.outcomes.rolled_back):
        question = f"Flagger rolls back healthy and {'failing' if failing else 'slow'} releases alike"
    rows = tuple(_detection_row(row, healthy=row is healthy) for row in (healthy, *characteristic.rows))
    label = f"{characteristic.label}: " if characteristic.label else ""
    return Table(f"{label}{question} ({format_rps(plan)})", header, rows)


def _detection_row(row: DetectionRow, *, healthy: bool) -> tuple[str, ...]:
    outcomes = row.outcomes
    return (
        "healthy (false alarm)" if healthy else format_share(row.rate),
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
