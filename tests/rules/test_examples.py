"""Every example of every rule's page, executed: Bad fires on the marked lines alone, Good is silent under all rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartgen.manifests.manifest import Manifest
from chartgen.rules.fix import Fix, Safety, set_value
from chartgen.rules.page import page_of, path_of
from chartgen.rules.registry import all_rules
from chartgen.rules.rule import ChartRule, Rule
from tests.rules.harness import engine, fired, good_bodies, good_chart, marked, problems, rendering_of

if TYPE_CHECKING:
    from pathlib import Path


def _examples(which: str) -> list[object]:
    return [
        pytest.param(rule, example, id=f"{rule.id}-{number}")
        for rule in all_rules()
        for number, example in enumerate(getattr(page_of(rule), which))
    ]


def module_of(rule: type[Rule]) -> Path:
    return path_of(rule).with_suffix(".py")


@pytest.mark.parametrize(("rule", "example"), _examples("bad"))
def test_a_bad_example_fires_on_its_marked_lines_and_nowhere_else(rule: type[Rule], example: str) -> None:
    own = {one for one in marked(example) if one.rule == rule.id}
    assert own, "the example marks no line"
    assert fired(example, [rule]) == own, f"{rule.id} must report the marked lines: see check in {module_of(rule)}"


@pytest.mark.parametrize(("rule", "example"), _examples("bad"))
def test_the_fix_of_a_bad_example_applies_and_its_safety_is_declared(rule: type[Rule], example: str) -> None:
    for manifest, problem in problems(example, rule):
        assert_sound_fix(problem.fix, manifest, rule)


def assert_sound_fix(fix: object, manifest: Manifest | None, rule: type[Rule]) -> None:
    """The checks of one problem's fix; None, no fix, is sound."""
    if fix is None:
        return
    assert isinstance(fix, Fix), f"fix is {fix!r}: write a Fix, as set_value of chartgen/rules/fix.py makes one"
    assert fix.safety in rule.fixes, f"declare fixes = (Safety.{fix.safety.name},) in {rule.__name__}"
    assert manifest, "name the manifest of the problem: the routes of its fix are inside it"
    assert fix.applied(manifest.body) != manifest.body, "the fix changes nothing"


def test_a_wrong_fix_is_reported() -> None:
    manifest = Manifest("web/templates/all.yaml", 0, 1, "", {"kind": "Canary", "spec": {"analysis": {"stepWeight": 7}}})
    declared = type("Declared", (Rule,), {"fixes": (Safety.SAFE,)})
    assert_sound_fix(set_value(("spec", "analysis", "stepWeight"), 10), manifest, declared)
    with pytest.raises(AssertionError, match="fix is 8: write a Fix"):
        assert_sound_fix(8, manifest, declared)
    with pytest.raises(AssertionError, match=r"declare fixes = \(Safety.SAFE,\) in Rule"):
        assert_sound_fix(set_value(("spec", "analysis", "stepWeight"), 10), manifest, Rule)
    with pytest.raises(AssertionError, match="the fix changes nothing"):
        assert_sound_fix(set_value(("spec", "analysis", "stepWeight"), 7), manifest, declared)
    with pytest.raises(KeyError, match="analysys"):
        assert_sound_fix(set_value(("spec", "analysys", "stepWeight"), 10), manifest, declared)


@pytest.mark.parametrize(("rule", "example"), _examples("good"))
def test_a_good_example_is_silent_under_all_rules(rule: type[Rule], example: str) -> None:
    assert fired(example) == set()


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_every_page_is_complete(rule: type[Rule]) -> None:
    page = page_of(rule)
    unfinished = [path for path in (path_of(rule), module_of(rule)) if "TODO" in path.read_text(encoding="utf-8")]
    assert unfinished == [], "replace every TODO"
    assert page.markdown.startswith(f"# {rule.id}\n")
    assert page.what
    assert page.why
    assert bool(page.bad) is bool(page.good) is rule.has_examples
    assert page.references


def test_the_known_good_release_is_silent() -> None:
    rendering, _ = rendering_of(good_bodies())
    for rule in all_rules():
        if not issubclass(rule, ChartRule):
            for manifest in rendering.of_kind(*rule.kinds):
                assert list(rule().check(manifest, rendering)) == [], rule.id


def test_the_known_good_chart_is_silent() -> None:
    from chartgen.config.selection import selected
    from chartgen.helm.request import RenderRequest
    from chartgen.lint.matrix import render_matrix
    from chartgen.lint.run_rules import report_findings

    releases = render_matrix(engine, good_chart({}), RenderRequest())
    assert len(releases.renderings) > 2
    assert list(report_findings(engine, releases, selected())) == []
