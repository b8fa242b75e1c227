"""Suggested settings for the terminal: the table, the fields of the chosen ones, other traffic."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from chartgen.escaping import shown, without_commands
from chartgen.planning.amounts import format_number, format_seconds, format_share
from chartgen.planning.detection.discrimination import detects
from chartgen.planning.run_summary import error_rate
from chartgen.planning.suggestion.setting import duration_text
from chartgen.planning.suggestion.values import suggested_fields
from chartgen.planning.week_traffic import hour_name, rate_text
from chartgen.reporters.plan_tables import Table
from chartgen.reporters.text_table import paragraph, table_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chartgen.planning.budgets import Budgets
    from chartgen.planning.suggestion.outcome import Outcome
    from chartgen.planning.suggestion.suggestion import Suggestion


def suggestion_text(found: Suggestion) -> str:
    """All of it, with text from charts escaped."""
    blocks = [_paragraphs(_heading(found)), list(_table(found)), _paragraphs(_details(found))]
    for title, obstacles in obstacles_by_hour(found):
        blocks.append([*paragraph(f"{title}:"), *_paragraphs(obstacles, "  - ")])
    blocks.append(_paragraphs(present_settings(found)))
    if found.chosen and found.manifest and not found.keeps_current:
        title = "suggested values:" if found.values else "suggested settings of the analysis:"
        lines = _yaml(found.values or suggested_fields(found.manifest))
        blocks.append([title, *(f"  {line}" for line in lines)])
    if found.hours:
        blocks.append(paragraph(found.hours.sentence))
    blocks.append(_paragraphs(_other_traffic(found)))
    return without_commands(shown("\n\n".join("\n".join(block) for block in blocks if block) + "\n"))


def obstacles_by_hour(found: Suggestion) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is in the way in which hour."""
    week = found.settings.week
    if found.quietest_obstacles and week:
        yield f"{week.in_quietest}, no setting meets all budgets", found.quietest_obstacles
    if found.obstacles:
        hour = found.settings.detection_hour.removeprefix(" ")
        yield f"{hour + ', ' if hour else ''}no setting meets all budgets", found.obstacles


def present_settings(found: Suggestion) -> Iterator[str]:
    """What the Canary's own settings mean for the suggestion."""
    if not found.current_suffices or found.current is None or found.chosen is None:
        return
    meets = f"the present settings already meet all budgets{found.settings.detection_hour}"
    if found.keeps_current:
        yield f"{meets}, and no other setting that does is faster"
    else:
        new, old = format_seconds(found.chosen.promote_seconds), format_seconds(found.current.promote_seconds)
        yield f"{meets}; the suggestion promotes in {new} instead of {old}"


def _paragraphs(texts: Iterable[str], first: str = "") -> list[str]:
    return [line for text in texts for line in paragraph(text, first)]


def _heading(found: Suggestion) -> Iterator[str]:
    subject = found.subject
    source = f" ({subject.provider_source})" if subject.provider_source else ""
    yield (
        f"{subject.title}: {subject.strategy} on {subject.provider}{source} in namespace {subject.namespace},"
        f" {_traffic(found)}"
    )
    yield f"budgets: {', '.join(_budgets(found.budgets))}"


def _traffic(found: Suggestion) -> str:
    settings, week = found.settings, found.settings.week
    rps = settings.rps or 0.0
    if week is None:
        return rate_text(rps)
    return (
        f"{min(week.rates):g} requests per second in the quietest hour ({hour_name(week.quietest)}),"
        f" {settings.peak_rps:g} in the busiest one ({hour_name(week.busiest)})"
    )


def _budgets(budgets: Budgets) -> Iterator[str]:
    yield from (f"--detect {format_share(each.rate)}:{format_share(each.probability)}" for each in budgets.detect)
    limits = (
        ("max-failed-requests", budgets.failed_requests, format_number),
        ("max-duration", budgets.duration, format_seconds),
        ("max-exposure", budgets.exposure, format_number),
        ("max-rollback-time", budgets.rollback_time, format_seconds),
        ("false-alarm", budgets.false_alarm, format_share),
    )
    yield from (f"--{name} {write(limit)}" for name, limit, write in limits if limit is not None)


def _table(found: Suggestion) -> Iterator[str]:
    rates = [f"P(caught) at {format_share(each.rate)}" for each in found.budgets.detect]
    own = ("", "weights", "interval", "window", "threshold")
    header = (*own, "time to promote", *rates, "failed requests", "false alarms")
    rows = [_row("now", found.current)] if found.current else []
    front = found.front[1:] if found.keeps_current else found.front
    names = [*([] if found.keeps_current else ["suggested"]), *(["or"] * len(front))]
    rows += [_row(name, outcome) for name, outcome in zip(names, front, strict=False)]
    rows += [_row("nearest", found.nearest)] if found.nearest else []
    yield from table_lines(Table("settings", header, tuple(rows)))


def _row(name: str, outcome: Outcome) -> tuple[str, ...]:
    setting, promote = outcome.setting, outcome.promote_seconds
    return (
        name,
        setting.routing.description,
        duration_text(setting.interval),
        duration_text(setting.window),
        str(setting.threshold),
        "never" if math.isinf(promote) else format_seconds(promote),
        *(_caught(chance, outcome.false_alarm) for chance in outcome.caught),
        format_number(outcome.failed_p95),
        format_chance(outcome.false_alarm),
    )


def _caught(chance: float, false_alarm: float) -> str:
    return format_chance(chance) if detects(chance, false_alarm) else "-"


def format_chance(probability: float) -> str:
    """An estimated probability without digits that it doesn't have: `97 %`, `0.4 %`, `<0.1 %`."""
    percent = probability * 100
    if percent < 0.1:  # noqa: PLR2004 - percent
        return "<0.1 %"
    if percent > 99.9:  # noqa: PLR2004 - percent
        return ">99.9 %"
    small = percent < 2 or percent > 98  # noqa: PLR2004 - percent
    return f"{percent:.1f} %" if small else f"{percent:.0f} %"


def _details(found: Suggestion) -> Iterator[str]:
    settings = found.settings
    if settings.detection_hour:
        yield f"P(caught) and false alarms: those{settings.detection_hour}"
    yield (
        f"failed requests: the 95th percentile{settings.failure_hour} if {format_share(error_rate(settings))} of the"
        " requests fail, until the rollback or the promotion"
    )
    yield (
        f"false alarms: rollbacks of a healthy release, of which {format_share(settings.healthy_error_rate)} of the"
        " requests fail (--healthy-error-rate)"
    )
    outcomes = [each for each in (found.current, *found.front, found.nearest) if each]
    if any(each.detected != each.caught for each in outcomes):
        yield (
            "P(caught) -: Flagger rolls back healthy releases almost as often as bad ones, so its rollbacks detect"
            " nothing; with few requests, a check often has no value, and fails"
        )
    yield f"searched {found.searched} schedules with 5 thresholds each; counts {found.counters}"


def _other_traffic(found: Suggestion) -> Iterator[str]:
    for other in found.other_traffic:
        outcome = other.outcome
        caught = ", ".join(
            f"{format_chance(chance) if chance else 'none'} of the releases that fail {format_share(budget.rate)}"
            for chance, budget in zip(outcome.detected, found.budgets.detect, strict=True)
        )
        peak = f", {other.peak_rps:g} in the busiest hour" if found.settings.failure_hour else ""
        yield (
            f"with {other.label} ({other.rps:g} per second{peak}): catches {caught}, fails up to"
            f" {format_number(outcome.failed_p95)} requests, rolls back {format_chance(outcome.false_alarm)} of the"
            " healthy releases"
        )


def _yaml(fields: Mapping[str, Any]) -> list[str]:
    """The fields as block YAML, with lists of numbers on one line."""
    from ruamel.yaml import YAML

    writer, stream = YAML(), io.StringIO()
    writer.dump(_with_flow_lists(fields), stream)
    return stream.getvalue().splitlines()


def _with_flow_lists(value: Any) -> Any:
    from ruamel.yaml.comments import CommentedSeq

    if isinstance(value, dict):
        return {key: _with_flow_lists(each) for key, each in value.items()}
    if isinstance(value, list) and all(isinstance(item, int) for item in value):
        numbers = CommentedSeq(value)
        numbers.fa.set_flow_style()
        return numbers
    return value
