"""The words and tables of a plan that every format shares."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.planning.amounts import told_number, told_seconds, told_share
from chartgen.planning.detection.operating_characteristic import Method
from chartgen.planning.exposure import exposure
from chartgen.planning.figures import error_rate
from chartgen.planning.scenario_run import Ending

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.detection.operating_characteristic import OperatingCharacteristic, Row
    from chartgen.planning.flaky import Spread
    from chartgen.planning.release_plan import Played, ReleasePlan, Subject


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the first column is text, all others are numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def heading(plan: ReleasePlan) -> Iterator[str]:
    """Which Canary, how it releases, how long its pods take."""
    subject = plan.subject
    run = "the first installation" if subject.bootstrap else "an upgrade of a running release"
    yield f"Canary {subject.name} in namespace {subject.namespace} under Flagger {subject.flagger}: {run}"
    yield "; ".join(f"{label}: {_how(one)}" for label, one in plan.beside) or _how(subject)


def _how(subject: Subject) -> str:
    return (
        f"{subject.strategy} on {subject.provider}, a check every {told_seconds(subject.interval)}, rolled back after"
        f" {subject.threshold} failed {'check' if subject.threshold == 1 else 'checks'} of a run; pods are available"
        f" {told_seconds(subject.pod_start.seconds)} after they start ({subject.pod_start.source})"
    )


def ending_told(one: Played) -> str:
    """How the course ends, when, and at what exposure."""
    course = one.course
    match course.ending:
        case Ending.PROMOTED:
            told = f"promoted after {told_seconds(course.seconds)}"
        case Ending.ROLLED_BACK:
            told = f"rolled back after {told_seconds(course.seconds)}"
        case Ending.INITIALIZED:
            return f"initialized after {told_seconds(course.seconds)}: the first version is never analysed"
        case Ending.STALLED:
            told = course.stall or "never ends"
        case Ending.NOTHING:
            return f"nothing happens: {course.stall}" if course.stall else "nothing happens"
        case Ending.CUT:
            told = f"cut after {len(course.ticks)} ticks"
    return f"{told}; exposure {told_number(exposure(course))} percent·minutes"


def figures_table(plan: ReleasePlan) -> Table:
    """One row a scenario."""
    header = ["scenario", "ends", "time to promote", "worst time to roll back", "exposure (%·min)"]
    if plan.settings.rps is not None:
        header.append("requests on the new version")
    if plan.failed_at_worst is not None:
        header.append(f"failed requests at {told_share(error_rate(plan.settings))}")
    return Table("numbers", tuple(header), tuple(_figures_row(plan, one) for one in plan.played))


def _figures_row(plan: ReleasePlan, one: Played) -> tuple[str, ...]:
    figures = one.figures
    row = [
        one.course.scenario.text,
        one.course.ending.value,
        told_seconds(figures.promote_seconds),
        told_seconds(figures.rollback_seconds),
        told_number(figures.exposure),
    ]
    if plan.settings.rps is not None:
        row.append(_count(figures.requests))
    if plan.failed_at_worst is not None:
        row.append(_count(figures.failed))
    return tuple(row)


def chance_table(plan: ReleasePlan) -> Table | None:
    """One row a scenario that chance decides; None without any."""
    rows = tuple(_chance_row(one, one.spread) for one in plan.played if one.spread)
    header = ("under chance", "P(promoted)", "P(rolled back)", "time to promote 5/50/95 %", "exposure 5/50/95 %")
    return Table("under chance", header, rows) if rows else None


def _chance_row(one: Played, spread: Spread) -> tuple[str, ...]:
    took, exposed = spread.promote_seconds, spread.exposure
    times = " / ".join(told_seconds(each) for each in (took.p5, took.p50, took.p95)) if took else "never"
    return (
        one.course.scenario.text,
        told_share(spread.promoted),
        told_share(spread.rolled_back),
        times,
        " / ".join(told_number(each) for each in (exposed.p5, exposed.p50, exposed.p95)),
    )


def rate_told(plan: ReleasePlan) -> str:
    """The users' traffic."""
    rps = plan.settings.rps or 0.0
    return f"{rps:g} {'request' if rps == 1 else 'requests'} a second"


def _count(value: float | None) -> str:
    return "-" if value is None else told_number(value)


def characteristic_table(plan: ReleasePlan, found: OperatingCharacteristic) -> Table:
    """The operating characteristic of one kind of badness."""
    errors = found.kind == SUCCESS_RATE
    bad = "failed requests" if errors else "slow requests"
    question = "can this canary see a release that fails?" if errors else "can this canary see a release that is slow?"
    header = (
        "failing" if errors else "slow",
        "P(rolled back)",
        f"{bad}, mean",
        f"{bad}, 95 %",
        "time until rollback",
        "found",
    )
    rows = tuple(_characteristic_row(row, healthy=row is found.healthy) for row in (found.healthy, *found.rows))
    label = f"{found.label}: " if found.label else ""
    return Table(f"{label}{question} ({rate_told(plan)})", header, rows)


def _characteristic_row(row: Row, *, healthy: bool) -> tuple[str, ...]:
    fate = row.fate
    return (
        "healthy" if healthy else told_share(row.rate),
        chance_told(row),
        told_number(fate.bad_mean),
        told_number(fate.bad_p95),
        told_seconds(fate.rollback_seconds),
        row.method.value,
    )


def chance_told(row: Row) -> str:
    """The probability of a rollback; what none or all of some thousand rollouts showed is only nearly 0 or 1."""
    chance = row.fate.rolled_back
    if row.method is Method.DRAWN and chance in (0, 1):
        return ">99.9 %" if chance else "<0.1 %"
    return told_share(chance)


def detection_notes(plan: ReleasePlan, found: OperatingCharacteristic) -> Iterator[str]:
    """What the table means and where its model ends."""
    yield f"a healthy release is rolled back with probability {chance_told(found.healthy)} (false alarm)"
    yield "requests are counted while the new version is on trial; one that is promoted goes on failing for everybody"
    if found.kind != SUCCESS_RATE:
        yield "P99 exceeds its bound when more than 1 % are slow; exact where a histogram bucket ends at the bound"
    if not plan.settings.scrape_seconds:
        yield (
            "counters are taken as seen at every moment; rate() over scraped ones sees less (a 1m window scraped every"
            " 15 s holds 45 s, and a series' first sample counts nothing): --scrape-interval 15s allows for it"
        )
    if any(row.method is Method.DRAWN for row in (found.healthy, *found.rows)):
        yield "drawn rows come from seeded rollouts: windows overlap or counters are scraped, ticks are not independent"


def worst_told(plan: ReleasePlan) -> str:
    """The worst time to roll back, in words."""
    worst = plan.worst_rollback
    if worst is None or math.isinf(worst):
        return "a bad release is never rolled back"
    return f"a bad release is rolled back within {told_seconds(worst)}"
