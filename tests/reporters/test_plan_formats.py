"""Every format prints the whole plan and is valid."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import jsonschema
import pytest

from chartgen.planning.budgets import Budgets, exceeded
from chartgen.planning.report import BudgetedPlan, Report
from chartgen.reporters.plan_html import plan_html
from chartgen.reporters.plan_json import plan_json
from chartgen.reporters.plan_markdown import escaped, plan_markdown
from chartgen.reporters.plan_registry import FORMATS
from chartgen.reporters.plan_svg import plan_svg
from chartgen.reporters.plan_text import bar, plan_text
from chartgen.reporters.plan_theme import COLORS, DASHES, SERIES
from chartgen.resources import schema
from tests.reporters.plans import endless, plan, result, tick_view

STUCK = plan(result(endless(), promote=float("inf"), rollback=float("inf")), warnings=("success: a <b>|`warning`",))


def report(*, compared: bool = False) -> Report:
    first = plan(detection=True)
    excesses = exceeded(first, Budgets(exposure=60))
    entries = (
        (BudgetedPlan("here", first, excesses), BudgetedPlan("git:main", STUCK))
        if compared
        else (BudgetedPlan("", first, excesses),)
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


def test_json_matches_its_schema() -> None:
    for compared in (False, True):
        document = json.loads(plan_json(report(compared=compared)), parse_constant=pytest.fail)
        jsonschema.validate(document, schema("plan-result-v1.schema.json"))
    assert document["plans"][1]["scenarios"][0]["exposure_percent_minutes"] is None
    assert document["exceeded"][0]["budget"] == "max-exposure"


def test_text_has_a_bar_per_tick_and_every_event() -> None:
    printed = plan_text(plan())
    assert "     5  5:00  Progressing    50/50  █████·····  Advance app canary weight 50" in printed
    assert "promoted after 8 min; exposure 200 %·min" in printed
    assert "rolled back after 7 min; exposure 60 %·min" in printed
    assert "  200 %·min = all users for 2 minutes\n" in printed
    assert all(line == line.rstrip() for line in printed.splitlines())


def test_bars_distinguish_users_from_mirrored_requests() -> None:
    assert bar(tick_view(1, "Progressing", 50), 4) == "██··"
    without_users = tick_view(1, "Progressing", 100)._replace(user_share=0.0)
    assert bar(without_users, 4) == "▒▒▒▒"
    assert bar(tick_view(1, "Progressing", 0)._replace(mirrored=True, measured_share=1.0), 4) == "▒▒▒▒"


def test_markdown_tables_keep_their_columns() -> None:
    printed = plan_markdown(STUCK)
    assert "a \\<b\\>\\|\\`warning\\`" in printed
    for table in re.findall(r"(?:^\|.*\n)+", printed, re.MULTILINE):
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(counts) == 1, table
    assert escaped("a\nb") == "a b"


def test_the_svg_is_xml_with_a_description_and_both_schemes() -> None:
    svg = plan_svg(plan(detection=True))
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert "rolled back after 7 min" in "".join(root.itertext())
    assert "prefers-color-scheme:dark" in svg
    assert svg == plan_svg(plan(detection=True))


def test_series_differ_in_more_than_color() -> None:
    assert len(set(DASHES)) == len(DASHES) == len(SERIES)
    for scheme in ("light", "dark"):
        assert len({getattr(color, scheme) for color in SERIES}) == len(SERIES)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_and_text_contrast_with_the_background(scheme: str) -> None:
    """WCAG: a contrast of 3 for lines and 4.5 for text."""
    background = next(getattr(color, scheme) for color in COLORS if color.name == "surface")
    for color in COLORS:
        if color.name in {"ink", "muted"} or color in SERIES:
            minimum = 3.4 if color in SERIES else 4.5
            assert _contrast(getattr(color, scheme), background) >= minimum, color.name


def _contrast(first: str, second: str) -> float:
    def luminance(color: str) -> float:
        parts = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the name in the base class
        self.targets += [value or "" for name, value in attrs if name in {"src", "href", "data"}]


def test_the_page_is_self_contained_and_escapes_everything() -> None:
    page = plan_html((STUCK,))
    links = _Links()
    links.feed(page)
    assert all(link.startswith("#") for link in links.targets if link)
    assert "<b>|" not in page
    assert "&lt;b&gt;|" in page
    data = re.search(r'<script type="application/json" id="plan">(.*?)</script>', page, re.DOTALL)
    assert data
    pointer_data = json.loads(data[1])
    assert pointer_data[0]["runs"][0]["ticks"][-1]["text"].startswith("100 % · Progressing")


def test_sentences_that_differ_between_compared_plans_have_their_label() -> None:
    """A label starts the line as it was written; what both plans share is said once."""
    first = replace(plan(detection=True), worst_rollback=90.0)
    first = replace(first, characteristics=(first.characteristics[0]._replace(label="here"),))
    table = first.characteristics[0]._replace(label="values:v2.yaml")
    second = replace(first, worst_rollback=120.0, characteristics=(table,))
    for other, expected in ((second, True), (first, False)):
        entries = (BudgetedPlan("here", first), BudgetedPlan("values:v2.yaml", other))
        shown = Report(entries, compared=True)
        for name in ("markdown", "html"):
            printed = FORMATS[name](shown)
            assert ("here: Flagger rolls back a bad release within 90 s." in printed) == expected
            assert ("values:v2.yaml: Flagger rolls back a bad release within 2 min." in printed) == expected
            assert "### values:v2.yaml: can this" in printed or ">values:v2.yaml: can this" in printed
            assert "Values:v2.yaml" not in printed
            assert expected or printed.count("Flagger rolls back a bad release within 90 s.") == 1
