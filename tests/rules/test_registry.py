"""The registry holds every rule there is, under an id that names its module."""

from __future__ import annotations

from pathlib import Path

import pytest

import chartgen.rules
from chartgen.rules.registry import RULES
from chartgen.rules.rule import Rule, Severity

_NO_RULES = {
    "fix",
    "__init__",
    "canary_rule",
    "cluster",
    "page",
    "policy",
    "policy_rule",
    "registry",
    "releases",
    "rule",
}
_FOLDER = Path(chartgen.rules.__file__).parent


def test_every_module_is_registered() -> None:
    modules = {path.stem for path in _FOLDER.glob("*.py")} - _NO_RULES
    assert modules == {rule.__module__.rsplit(".", 1)[-1] for rule in RULES}


def test_ids_are_sorted_and_unique() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))


def test_no_former_id_is_used_again() -> None:
    ids = {rule.id for rule in RULES}
    assert not [former for rule in RULES for former in rule.former_ids if former in ids]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_named_after_its_module(rule: type[Rule]) -> None:
    assert rule.id.replace("-", "_") == rule.__module__.rsplit(".", 1)[-1]
    assert rule.__name__.lower() == rule.id.replace("-", "")
    assert (_FOLDER / f"{rule.id.replace('-', '_')}.md").is_file()


def test_what_takes_down_a_cluster_is_an_error() -> None:
    wide = [rule for rule in RULES if "cluster-wide" in rule.tags]
    assert {rule.severity for rule in wide} == {Severity.ERROR}
    assert "fractional-number" in {rule.id for rule in wide}
