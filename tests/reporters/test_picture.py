"""The picture of a plan: what it shows for each strategy, that its texts fit, and that it stays small."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartgen.planning.detection.detection_budget import DetectionBudget
from chartgen.planning.report import BudgetedPlan, Report
from chartgen.reporters.picture.canvas import text_width, wrapped
from chartgen.reporters.picture.figure import ALONE, NARROW, WIDE, draw_picture
from chartgen.reporters.picture.labels import Label, place_labels
from chartgen.reporters.plan_svg import plan_svg
from tests.reporters.canaries import CANARIES, planned
from tests.reporters.plans import endless, failing, plan, result, success

if TYPE_CHECKING:
    from chartgen.planning.release_plan import ReleasePlan

SVG = "{http://www.w3.org/2000/svg}"


def drawing(sample: ReleasePlan) -> ET.Element:
    return ET.fromstring(plan_svg(sample))


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def with_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in root.iter() if name in element.get("class", "").split()]


def areas(root: ET.Element) -> list[ET.Element]:
    return [element for element in with_class(root, "area") if element.tag == f"{SVG}path"]


def compared(first: ReleasePlan, second: ReleasePlan, label: str = "git:main") -> ReleasePlan:
    return Report((BudgetedPlan("here", first), BudgetedPlan(label, second)), compared=True).plans[0]


def test_the_axis_goes_to_100_percent_and_the_limit_is_marked() -> None:
    found = texts(drawing(plan()))
    assert {"0 %", "50 %", "100 %", "maxWeight 50 %"} <= set(found)
    assert "last of stepWeights 80 %" in texts(drawing(planned("step-weights", "success")))
    assert not any("Weight" in text for text in texts(drawing(planned("blue-green", "success"))))


def test_the_end_of_a_promotion_is_marked() -> None:
    """So that the drop to 0 % doesn't look like a rollback."""
    found = texts(drawing(plan(result(success()))))
    assert [text for text in found if text in {"Copying", "Routing to primary", "Promoted 8:00"}] == [
        "Copying",
        "Routing to primary",
        "Promoted 8:00",
    ]
    assert "Rolled back 7:00" in texts(drawing(plan(result(failing()))))


def test_phases_are_labeled_bars() -> None:
    found = texts(drawing(plan(result(success()))))
    assert {"starting", "analysis", "promoting", "finalising"} <= set(found)
    waiting = texts(drawing(planned("gate", "gate-closed")))
    assert {"waiting for promotion", "Never ends"} <= set(waiting)


def test_failed_checks_are_counted_on_their_line() -> None:
    counts = [element.text for element in with_class(drawing(plan()), "count")]
    assert sorted(text for text in counts if text and text != "n") == ["1", "2", "3", "4", "5"]
    narrow = ET.fromstring(draw_picture(planned("long-names", "fail@10"), NARROW).svg)
    many = [element.text for element in with_class(narrow, "count")]
    assert "20" in many
    assert len(many) < 20


def test_two_scenarios_share_a_plot_with_one_area_and_three_have_their_own() -> None:
    assert len(areas(drawing(plan()))) == 1
    assert "fail@10: rolled back 7:00" in texts(drawing(plan()))
    three = drawing(planned("weights", "success", "fail@10", "slow-start:90s"))
    assert len(areas(three)) == 3
    assert {"Rolled back 7:00", "Promoted 10:00"} <= set(texts(three))


def test_flaky_shows_its_band_and_the_mean_of_the_table() -> None:
    sample = planned("weights", "flaky:0.2")
    root, flaky = drawing(sample), sample.results[0].flaky
    assert flaky
    assert "area: 5 % to 95 % of all rollouts; line: their mean" in texts(root)
    assert f"exposure {flaky.course.exposure:.0f} %·min" in " ".join(texts(root))
    assert root.find(f".//{SVG}path[@class='area n1']") is not None
    reseeded = replace(sample, results=(replace(sample.results[0], run=success()),))
    scale = draw_picture(sample).svg.partition("area n1")[2].partition("area n1")[0]
    assert draw_picture(reseeded).svg.partition("area n1")[2].partition("area n1")[0] == scale, "no draw is shown"


def test_compared_runs_share_the_plot_of_their_scenario_and_the_time() -> None:
    root = drawing(compared(planned("weights", "success", "fail@10"), planned("fast", "success", "fail@10")))
    found = texts(root)
    assert {"success", "fail@10", "here", "git:main"} <= set(found)
    assert {"here: promoted 8:00", "git:main: promoted 0:50"} <= set(found)
    leaders = [float(line.get("x1", "0")) for line in with_class(root, "pointer")]
    plot = ALONE - 32 - 46
    assert min(abs(x - 46 - plot * 50 / 480) for x in leaders) < 0.2, "50 s of 8 minutes"


def test_the_unit_is_explained_where_it_is_first_used() -> None:
    text = " ".join(texts(drawing(plan())))
    assert "exposure 200 %·min = all users for 2 minutes" in text
    assert text.count("= all users") == 1
    assert "= all matching users" in " ".join(
        texts(drawing(replace(plan(), subject=replace(plan().subject, matching_only=True))))
    )


def test_detection_has_points_and_a_target_and_no_false_precision() -> None:
    root = drawing(plan(detection=True))
    found = texts(root)
    assert {"target 95 %", "<1 %", "40 %", "97 %", "100 %", "healthy", "0.1 %"} <= set(found)
    assert not any(re.search(r"\d\d\.\d+ %", text) for text in found)
    curves = [path for path in root.iter(f"{SVG}path") if "L" in path.get("d", "").upper()]
    assert len(curves) == 1, "only the cross of the rollback has slanted lines"


def test_the_target_line_is_that_of_the_budget() -> None:
    asked = replace(plan(detection=True), detect=(DetectionBudget(0.02, 0.9), DetectionBudget(0.1, 0.995)))
    assert "target 90 %, 99.5 %" in texts(drawing(asked))
    one = drawing(replace(asked, detect=asked.detect[:1]))
    assert "target 90 %" in texts(one)
    heights = [{line.get("y1") for line in with_class(root, "limit")} for root in (one, drawing(plan(detection=True)))]
    assert heights[0] != heights[1], "95 % without a budget"


def test_the_title_names_the_chart_instead_of_the_release() -> None:
    subject = replace(plan().subject, name="release-name-shop", chart="shop")
    found = texts(drawing(replace(plan(), subject=subject)))
    assert found[0] == "shop: canary release with Flagger 1.44.0"
    assert not any("release-name" in text for text in found)
    assert [
        replace(subject, name=name, chart=chart).title
        for name, chart in (("release-name-web", "shop"), ("web", ""), ("release-name-web", ""), ("eu-shop", "shop"))
    ] == ["shop: web", "web", "web", "shop"]


def test_three_scenarios_stay_below_60_kb() -> None:
    for name in CANARIES:
        svg = plan_svg(planned(name, "success", "fail@10", "flaky:0.1", rps=5.0))
        assert len(svg.encode()) < 60_000, name
        assert "<path" in svg
        assert "<text" in svg


@pytest.mark.parametrize("name", sorted(CANARIES))
def test_every_text_is_inside_the_picture(name: str) -> None:
    plans = [
        planned(name, "success", "fail@10", rps=5.0),
        planned(name, "success", "flaky:0.2", "no-traffic", "gate-closed", rps=0.5),
        planned(name, "success", bootstrap=True),
    ]
    plans.append(compared(plans[0], planned("fast", "success", "fail@10", rps=5.0), "git:a/branch/with/a/long/name"))
    for sample in plans:
        for width, titled in ((NARROW, False), (ALONE, True), (WIDE, False)):
            picture = draw_picture(sample, width, titled=titled)
            for element in ET.fromstring(picture.svg).iter(f"{SVG}text"):
                _assert_inside(element, 16 if titled else 0, picture.width, picture.height)


def _assert_inside(element: ET.Element, left: float, width: float, height: float) -> None:
    classes = element.get("class", "").split()
    style = next((name for name in ("title", "muted", "small", "bold") if name in classes), "")
    size = text_width(element.text or "", "small" if style == "bold" and "small" in classes else style)
    x = float(element.get("x", "0")) + left
    start = {"start": x, "middle": x - size / 2, "end": x - size}[element.get("text-anchor", "start")]
    assert start >= -8, element.text
    assert start + size <= width + 8, element.text
    assert 0 < float(element.get("y", "0")) <= height, element.text


def test_a_run_that_never_ends_reaches_the_edge() -> None:
    root = drawing(plan(result(endless())))
    line = with_class(root, "line")[1].get("d", "")
    assert line.endswith(f"H{ALONE - 32:g}")
    assert "Never ends" in texts(root)


def test_nothing_of_a_chart_becomes_markup() -> None:
    attack = "</text><script>alert(1)</script><![CDATA[&\x00\x1b[31m\u202e"
    subject = replace(plan().subject, name=attack, chart=attack, provider=attack)
    root = drawing(replace(plan(), subject=subject))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "g", "title", "desc", "style", "rect", "line", "path", "circle", "text",
    }  # fmt: skip
    assert "\x1b" not in "".join(root.itertext())


LABELS = st.lists(st.tuples(st.floats(0, 800), st.text("abcdef ", min_size=1, max_size=30)), max_size=12)


@given(LABELS, st.sampled_from([0.0, -1000.0]))
def test_labels_meet_neither_each_other_nor_a_leader(labels: list[tuple[float, str]], left: float) -> None:
    placed = place_labels([Label(x, text) for x, text in labels], left, 2000)
    assert len(placed) == len(labels)
    for first, second in combinations(placed, 2):
        if first.row == second.row:
            assert first.right <= second.left or second.right <= first.left
        upper, lower = (first, second) if first.row > second.row else (second, first)
        if left < 0 and upper.row != lower.row and abs(upper.label.x - lower.label.x) > 5:
            assert not lower.left < upper.label.x < lower.right


@given(st.text(min_size=1, max_size=200), st.floats(100, 800), st.integers(1, 4))
def test_wrapped_text_fits(text: str, width: float, lines: int) -> None:
    found = wrapped(text, width, lines)
    assert len(found) <= lines
    assert all(text_width(line) <= width for line in found)
