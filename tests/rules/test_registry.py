"""The registry holds every rule there is, under an id that names its module."""

from __future__ import annotations

from pathlib import Path

import pytest

import chartgen.rules
from chartgen.flagger.crd import admit
from chartgen.manifests.manifest import Manifest
from chartgen.rules.claim import REST
from chartgen.rules.page import path_of
from chartgen.rules.registry import REGISTRY, RuleEntry, all_rules
from chartgen.rules.rule import Rule, Severity
from tests.admission import answers
from tests.conftest import ROOT

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
    assert entry.claims == (rule.refused is not None or rule.dropped is not None)


def test_each_refusal_and_each_dropped_field_has_one_owner() -> None:
    """Claims of one rank exclude each other, and one rule takes the rest."""
    claims = [claim for rule in all_rules() for claim in (rule.refused, rule.dropped) if claim]
    assert sum(claim.rank == REST for claim in claims) == len(("refused", "dropped"))
    refused = [(rule.id, rule.refused) for rule in all_rules() if rule.refused]
    dropped = [(rule.id, rule.dropped) for rule in all_rules() if rule.dropped]
    reported = set()
    for answer in answers(ROOT / "fixtures" / "admission" / "v1.44.0.jsonl.gz"):
        manifest, verdict = Manifest("canary.yaml", 0, 1, "", answer.document), admit(answer.document)
        told = [(refused, refusal.at, refusal.message) for refusal in verdict.refusals]
        for owners, at, message in [*told, *((dropped, route, "") for route in verdict.pruned)]:
            found = sorted((claim.rank, rule) for rule, claim in owners if claim.owns(manifest, at, message))
            assert found[0][0] not in {rank for rank, _ in found[1:]}, (at, message, found)
            reported.add(found[0][1])
    assert len(reported) > 10


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
