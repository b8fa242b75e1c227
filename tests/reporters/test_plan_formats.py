"""Every format prints the same plan, whole, and each is what it says it is."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import jsonschema
import pytest

from chartgen.errors import UsageError
from chartgen.planning.budgets import Budgets, exceeded
from chartgen.planning.report import BudgetedPlan, Report
from chartgen.reporters.plan_html import plan_html
from chartgen.reporters.plan_json import plan_json
from chartgen.reporters.plan_markdown import escaped, plan_markdown
from chartgen.reporters.plan_registry import FORMATS
from chartgen.reporters.plan_svg import plan_svg
from chartgen.reporters.plan_text import bar, plan_text
from chartgen.reporters.plan_theme import HATCHES, LINES, ROLES, SERIES
from chartgen.resources import schema
from tests.reporters.plans import endless, moment, plan, played

STUCK = plan(played(endless(), promote=float("inf"), rollback=float("inf")), warnings=("success: a <b>|`surprise`",))


def report(*, compared: bool = False) -> Report:
    first = plan(seen=True)
    over = exceeded(first, Budgets(exposure=60))
    entries = (
        (BudgetedPlan("here", first, over), BudgetedPlan("git:main", STUCK))
        if compared
        else (BudgetedPlan("", first, over),)
    )
    return Report(entries, compared=compared, budgets=True)


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("compared", [False, True])
def test_every_format_prints_single_and_compared_plans(name: str, compared: bool) -> None:
    printed = FORMATS[name](report(compared=compared))
    assert printed.endswith("\n")
    assert "success" in printed
    if compared:
        assert "git:main" in printed


def test_json_is_what_its_schema_says() -> None:
    for compared in (False, True):
        document = json.loads(plan_json(report(compared=compared)), parse_constant=pytest.fail)
        jsonschema.validate(document, schema("plan-result-v1.schema.json"))
    assert document["plans"][1]["scenarios"][0]["exposure_percent_minutes"] is None
    assert document["exceeded"][0]["budget"] == "max-exposure"


def test_text_has_a_bar_a_tick_and_every_event() -> None:
    printed = plan_text(plan())
    assert (
        "   5   5:00  Progressing                50/50  ██████████··········  Advance app.jx canary weight 50"
        in printed
    )
    assert "promoted after 8 min; exposure 200 percent·minutes" in printed
    assert "rolled back after 7 min; exposure 60 percent·minutes" in printed
    assert all(line == line.rstrip() for line in printed.splitlines())


def test_bars_tell_users_from_others() -> None:
    assert bar(moment(1, "Progressing", 50), 4) == "██··"
    from dataclasses import replace

    unseen = replace(moment(1, "Progressing", 100), users=0.0)
    assert bar(unseen, 4) == "▒▒▒▒"
    assert bar(replace(moment(1, "Progressing", 0), mirrored=True, heard=1.0), 4) == "▒▒▒▒"


def test_markdown_tables_hold_their_columns() -> None:
    printed = plan_markdown(STUCK)
    assert "a \\<b\\>\\|\\`surprise\\`" in printed
    for table in re.findall(r"(?:^\|.*\n)+", printed, re.MULTILINE):
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(counts) == 1, table
    assert escaped("a\nb") == "a b"


def test_the_svg_is_xml_with_words_and_both_schemes() -> None:
    drawn = plan_svg(plan(seen=True))
    root = ET.fromstring(drawn)
    assert root.get("role") == "img"
    assert "rolled back after 7 min" in "".join(root.itertext())
    assert "prefers-color-scheme:dark" in drawn
    assert not [role.drawn for role in ROLES if role.drawn in drawn]
    assert drawn == plan_svg(plan(seen=True))


def test_series_differ_in_more_than_color() -> None:
    assert len(set(LINES)) == len(LINES) == len(SERIES)
    assert len(set(HATCHES)) == len(HATCHES) == len(SERIES)
    for scheme in ("light", "dark"):
        assert len({getattr(role, scheme) for role in SERIES}) == len(SERIES)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_and_words_stand_out_from_the_ground(scheme: str) -> None:
    """WCAG: 3 for lines, 4.5 for the words that are drawn in their color too."""
    ground = next(getattr(role, scheme) for role in ROLES if role.name == "surface")
    for role in ROLES:
        if role.name in {"ink", "muted"} or role in SERIES:
            least = 3.4 if role in SERIES else 4.5
            assert _contrast(getattr(role, scheme), ground) >= least, role.name


def _contrast(one: str, other: str) -> float:
    def light(color: str) -> float:
        parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base class names it
        self.found += [value or "" for name, value in attrs if name in {"src", "href", "data"}]


def test_the_page_needs_nothing_else_and_escapes_everything() -> None:
    page = plan_html(STUCK)
    links = _Links()
    links.feed(page)
    assert all(link.startswith("#") for link in links.found if link)
    assert "<b>|" not in page
    assert "&lt;b&gt;|" in page
    data = re.search(r'<script type="application/json" id="plan">(.*?)</script>', page, re.DOTALL)
    assert data
    hover = json.loads(data[1])
    assert hover["courses"][0]["ticks"][-1]["canary"] == 100


def test_pictures_without_matplotlib_say_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError) as missing:
        plan_svg(plan())
    assert "chartgen[picture]" in str(missing.value.hint)
