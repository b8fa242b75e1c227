"""The text of a plan: 100 columns, the numbers first, few notes, runs side by side by time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chartgen.planning.report import BudgetedPlan, Report
from chartgen.reporters.plan_registry import FORMATS
from chartgen.reporters.plan_tables import Table
from chartgen.reporters.plan_text import plan_text
from chartgen.reporters.plan_words import all_notes, events_of
from chartgen.reporters.text_table import WIDTH, paragraph, table_lines
from tests.reporters.canaries import CANARIES, planned
from tests.reporters.plans import characteristic, plan, result, success, tick_view


@pytest.mark.parametrize("name", sorted(CANARIES))
@pytest.mark.parametrize("rps", [None, 5.0])
def test_no_line_is_longer_than_100_columns(name: str, rps: float | None) -> None:
    printed = plan_text(planned(name, "success", "fail@10", "flaky:0.2", "no-traffic", "slow-start:90s", rps=rps))
    assert [line for line in printed.splitlines() if len(line) > WIDTH] == []
    notes = printed.partition("\nnotes:\n")[2].splitlines()
    assert 0 < len(notes) <= 5


def test_compared_plans_with_long_labels_fit_too() -> None:
    first, second = planned("weights", "success", "fail@10", rps=5.0), planned("fast", "success", "fail@10", rps=5.0)
    label = "git:feature/" + "a-branch-with-a-long-name-" * 3
    printed = FORMATS["text"](Report((BudgetedPlan("here", first), BudgetedPlan(label, second)), compared=True))
    assert [line for line in printed.splitlines() if len(line) > WIDTH] == []


def test_the_verdict_is_before_the_ticks() -> None:
    printed = plan_text(plan(detection=True))
    order = ["scenario", "can this canary detect", "side by side:", "success: every check passes", "notes:"]
    assert [printed.index(text) for text in order] == sorted(printed.index(text) for text in order)
    assert printed.startswith(
        "shop: app: upgrade of a running release with Flagger 1.44.0\nCanary app in namespace jx: "
    )


def test_runs_are_side_by_side_by_time_and_not_by_tick() -> None:
    """One run has a tick each minute, the other one each 30 seconds."""
    fast = success()._replace(ticks=tuple(tick._replace(second=tick.second / 2) for tick in success().ticks))
    rows = plan_text(plan(result(success()), result(fast))).partition("side by side:")[2].splitlines()
    cells = {row.split()[0]: row.split()[2::3] for row in rows[2:13] if row}
    assert cells["2:00"] == ["20", "40"]
    assert cells["4:00"] == ["40", "0"]
    assert cells["0:30"] == ["10"]


def test_events_lose_the_namespace_that_flagger_appends() -> None:
    tick = tick_view(1, "Progressing", 10, "Copying app.jx template spec to app-primary.jx", "Halt app.jxb: app.jx.svc")
    assert events_of(plan(), tick) == ["Copying app template spec to app-primary", "Halt app.jxb: app.jx.svc"]


def test_notes_beyond_five_lines_are_counted_and_none_is_cut() -> None:
    """The first one takes three lines, so the others don't fit but for a short one."""
    long = "note " + "long " * 50 + "end"
    noted = replace(plan(), notes=(long, *(f"{number} {long}" for number in range(7)), "short"), characteristics=())
    notes = plan_text(noted).partition("\nnotes:\n")[2].splitlines()
    assert len(notes) == 5
    assert " ".join(" ".join(notes[:3]).split()) == long
    assert notes[3:] == ["  short", "  7 more notes: --format markdown"]


def test_notes_of_a_second_table_are_not_repeated() -> None:
    twice = replace(plan(), characteristics=(characteristic(), characteristic()))
    assert len(all_notes(twice)) == len(set(all_notes(twice))) == 1


def test_headings_take_more_lines_before_cells_do() -> None:
    table = Table("t", ("name", *("a long heading of a column",) * 7), (("x", *("1,234",) * 7),))
    lines = list(table_lines(table))
    assert max(map(len, lines)) <= WIDTH
    assert lines[-1].split() == ["x", *("1,234",) * 7]


def test_a_number_stays_with_its_unit() -> None:
    for filler in range(80, 100):
        lines = paragraph("x" * filler + " 12 min and 5 % of it")
        assert not any(line.endswith((" 12", " 5")) or line in {"12", "5"} for line in lines), lines
