"""The registry holds every rule there is, under an id that names its module."""

from __future__ import annotations

from pathlib import Path

import pytest

import chartgen.rules
from chartgen.rules.page import path_of
from chartgen.rules.registry import REGISTRY, RuleEntry, all_rules
from chartgen.rules.rule import Rule, Severity

_FOLDER = Path(chartgen.rules.__file__).parent
# Rooms of the rules' machinery; every other folder is a family of rules.
_MACHINERY = {"reading", "__pycache__"}


def test_every_rule_of_a_family_is_registered() -> None:
    families = [folder for folder in _FOLDER.iterdir() if folder.is_dir() and folder.name not in _MACHINERY]
    modules = {f"{each.parent.name}/{each.stem}" for folder in families for each in folder.glob("*.py")}
    registered = {entry.module.removeprefix("chartgen.rules.").replace(".", "/") for entry in REGISTRY}
    assert {module for module in modules if not module.endswith("__init__")} == registered


@pytest.mark.parametrize("entry", REGISTRY, ids=lambda entry: entry.id)
def test_the_registry_says_what_the_class_says(entry: RuleEntry) -> None:
    rule = entry.load()
    assert (rule.id, rule.kinds) == (entry.id, entry.kinds)


def test_ids_are_sorted_and_unique() -> None:
    ids = [rule.id for rule in all_rules()]
    assert ids == sorted(set(ids))


def test_no_former_id_is_used_again() -> None:
    ids = {rule.id for rule in all_rules()}
    assert not [former for rule in all_rules() for former in rule.former_ids if former in ids]


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_rule_is_named_after_its_module(rule: type[Rule]) -> None:
    assert rule.id.replace("-", "_") == rule.__module__.rsplit(".", 1)[-1]
    assert rule.__name__.lower() == rule.id.replace("-", "")
    assert path_of(rule).is_file()


def test_what_takes_down_a_cluster_is_an_error() -> None:
    wide = [rule for rule in all_rules() if "cluster-wide" in rule.tags]
    assert {rule.severity for rule in wide} == {Severity.ERROR}
    assert "fractional-number" in {rule.id for rule in wide}
