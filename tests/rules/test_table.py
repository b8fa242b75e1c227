"""docs/rules.md is what `chartgen rules` prints."""

from __future__ import annotations

from pathlib import Path

from chartgen.reporters.rule_list import rule_list

TABLE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_table_of_rules_is_current() -> None:
    assert TABLE.read_text(encoding="utf-8").endswith(f"\n\n{rule_list('markdown')}")
