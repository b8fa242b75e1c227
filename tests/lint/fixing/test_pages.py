"""Bad examples of rules with fixes: after a fix nothing is reported, and a second run changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartgen.lint.run_rules import report_findings
from chartgen.rules.page import page_of
from chartgen.rules.registry import all_rules
from tests.lint.fixing.sources import editable_example, fix_all
from tests.rules.harness import engine

if TYPE_CHECKING:
    from chartgen.rules.rule import Rule

FIXING = [rule for rule in all_rules() if rule.fixes]


@pytest.mark.parametrize("rule", FIXING, ids=lambda rule: rule.id)
def test_bad_examples_are_fixed_and_then_silent(rule: type[Rule]) -> None:
    shown = set()
    for example in page_of(rule).bad:
        source, cluster = editable_example(example)
        found = list(report_findings(engine, source.releases, (rule(cluster),)))
        offered = {finding.requested_fix.fix.safety for finding in found if finding.requested_fix}
        done = fix_all(source, (rule,), cluster=cluster)
        # A mistake that hides another one is not fixed alone.
        assert all(refused.why.startswith("the fix would introduce ") for refused in done.refused)
        assert len(done.made) + len(done.refused) >= len(offered)
        shown |= offered
        remaining = list(report_findings(engine, done.source.releases, (rule(cluster),)))
        assert len([finding for finding in remaining if finding.requested_fix]) == len(done.refused)
        again = fix_all(done.source, (rule,), cluster=cluster)
        assert again.made == ()
        assert again.source.files == done.source.files
    assert shown == set(rule.fixes)
