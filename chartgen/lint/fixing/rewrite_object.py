"""Rewrites fields of one rendered object in a chart's values, its templates or a manifest, and proves the result."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from chartgen.errors import ProofError
from chartgen.lint.fixing.prove_fix import report_problems
from chartgen.lint.fixing.write_change import find_object, write_change
from chartgen.lint.fixing.writing import candidate_edits
from chartgen.proof.single_change import key_of, prove_only
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chartgen.lint.fixing.editable_source import EditableSource
    from chartgen.lint.fixing.writing import CandidateEdit, FindTargets
    from chartgen.lint.run_rules import Loadable
    from chartgen.manifests.manifest import Route
    from chartgen.proof.single_change import DocumentKey
    from chartgen.rules.fix import Change


@dataclass(frozen=True, slots=True)
class Rewritten:
    """`also`: the labels of the other releases in which the object changes, too; `warnings`: rules that then warn."""

    source: EditableSource
    also: tuple[str, ...]
    warnings: tuple[str, ...]


def rewrite_object(
    source: EditableSource,
    label: str,
    key: DocumentKey,
    changes: Sequence[Change],
    rules: tuple[Loadable, ...],
) -> Rewritten:
    """All changes made; ProofError if one can't be written, changes something else, or makes a rule report an error."""
    kind = find_object(source, label, key)[1].kind
    edited = source
    for change in changes:
        edited = write_change(edited, label, key, change, _values_first)
    routes = [change.at for change in changes]
    also = []
    for before, after in zip(source.releases.renderings, edited.releases.renderings, strict=True):
        allowed = {key_of(each): [partial(_as_rewritten, routes, each.body)] for each in after.of_kind(kind)}
        count = prove_only(source.releases.engine, before, after, allowed)
        if count and before.label != label:
            also.append(before.label)
    return Rewritten(edited, tuple(also), tuple(_new_problems(source, edited, rules)))


def _nowhere(_: Route) -> Iterator[Any]:
    return iter(())


def _values_first(
    change: Change, was: object, in_values: FindTargets, in_templates: FindTargets
) -> Iterator[CandidateEdit]:
    """Settings belong into the values, if those have the field or its map."""
    yield from candidate_edits(change, was, in_values, _nowhere)
    yield from candidate_edits(change, was, _nowhere, in_templates)


def _as_rewritten(routes: Sequence[Route], after: Mapping[str, Any], before: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an object may become: itself `after`, if that is equal apart from these fields."""
    return after if _without(routes, before) == _without(routes, after) else before


def _without(routes: Sequence[Route], body: Mapping[str, Any]) -> Mapping[str, Any]:
    stripped = deepcopy(dict(body))
    for route in routes:
        node: Any = stripped
        for step in route[:-1]:
            try:
                node = node[step]
            except (KeyError, IndexError, TypeError):
                node = None
                break
        if isinstance(node, dict):
            node.pop(route[-1], None)
    return stripped


def _new_problems(source: EditableSource, edited: EditableSource, rules: tuple[Loadable, ...]) -> Iterator[str]:
    known = {(problem.rule, problem.label) for problem in report_problems(source.releases, rules)}
    found = [each for each in report_problems(edited.releases, rules) if (each.rule, each.label) not in known]
    errors = sorted({each.rule for each in found if each.severity is Severity.ERROR})
    if errors:
        raise ProofError(f"these settings would introduce {', '.join(errors)}", hint="nothing was written")
    yield from sorted({each.rule for each in found if each.severity is Severity.WARNING})
