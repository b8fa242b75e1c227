"""The Bad examples of rules that have fixes: fixed they are silent, and a second run changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartgen.lint.run_rules import findings_of
from chartgen.rules.page import page_of
from chartgen.rules.registry import all_rules
from tests.lint.fixing.benches import bench_of_example, fixed_bench
from tests.rules.harness import engine

if TYPE_CHECKING:
    from chartgen.rules.rule import Rule

FIXING = [rule for rule in all_rules() if rule.fixes]


@pytest.mark.parametrize("rule", FIXING, ids=lambda rule: rule.id)
def test_bad_examples_are_fixed_and_then_silent(rule: type[Rule]) -> None:
    shown = set()
    for example in page_of(rule).bad:
        bench, cluster = bench_of_example(example)
        found = list(findings_of(engine, bench.releases, (rule(cluster),)))
        offered = {finding.remedy.fix.safety for finding in found if finding.remedy}
        done = fixed_bench(bench, (rule,), cluster=cluster)
        # A mistake that hid another one is not fixed alone.
        assert all(one.why.startswith("the fix would introduce ") for one in done.refused)
        assert len(done.made) + len(done.refused) >= len(offered)
        shown |= offered
        left = list(findings_of(engine, done.bench.releases, (rule(cluster),)))
        assert len([one for one in left if one.remedy]) == len(done.refused)
        again = fixed_bench(done.bench, (rule,), cluster=cluster)
        assert again.made == ()
        assert again.bench.files == done.bench.files
    assert shown == set(rule.fixes)


@pytest.mark.parametrize("rule", [rule for rule in all_rules() if not rule.fixes], ids=lambda rule: rule.id)
def test_no_other_rule_offers_a_fix(rule: type[Rule]) -> None:
    for example in page_of(rule).bad:
        bench, cluster = bench_of_example(example)
        assert [one for one in findings_of(engine, bench.releases, (rule(cluster),)) if one.remedy] == []
