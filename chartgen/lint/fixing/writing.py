"""Candidate edits for a change of a rendered field, the likeliest first.

A candidate can be wrong: Helm renders each result, and only one that makes exactly the change counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.charts.gotemplate.blocks import parse
from chartgen.edits import yaml_entry as entries
from chartgen.edits.yaml_candidates import end_of_entry
from chartgen.edits.yaml_flow import format_scalar
from chartgen.edits.yaml_source import is_flow
from chartgen.errors import ConflictError
from chartgen.rules.fix import DeleteKey, MoveKey, RenameKey, SetValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.lint.fixing.yaml_document import EditTarget
    from chartgen.manifests.manifest import Route
    from chartgen.rules.fix import Change

    # Finds the nodes that a field can come from, in the values or in the templates.
    FindTargets = Callable[[Route], Iterator[EditTarget]]

CandidateEdit = tuple[str, bytes]


def candidate_edits(
    change: Change, was: Any, in_values: FindTargets, in_templates: FindTargets
) -> Iterator[CandidateEdit]:
    """(path, new bytes) for each way to write `change`; `was` is the field's current value, None if it is absent."""
    match change:
        case SetValue() if was is not None:
            for target in (*in_values(change.at), *in_templates(change.at)):
                yield from _try_edit(target, lambda target: _set(target, change.value, was))
        case SetValue():
            for target in (*in_templates(change.at[:-1]), *in_values(change.at[:-1])):
                yield from _try_edit(target, lambda target: _add(target, change))
        case RenameKey():
            for target in (*in_templates(change.at), *in_values(change.at)):
                yield from _try_edit(target, lambda target: _rename(target, change))
        case DeleteKey():
            for target in (*in_templates(change.at), *in_values(change.at)):
                yield from _try_edit(target, lambda target: _delete(target, change))
        case MoveKey():
            yield from _move_edits(change, in_values, in_templates)


def _try_edit(target: EditTarget, edit: Callable[[EditTarget], str]) -> Iterator[CandidateEdit]:
    try:
        yield target.document.path, target.document.file(edit(target))
    except ConflictError:
        return


def _field_label(target: EditTarget) -> str:
    return f"{target.document.path}: the field"


def _refuse(target: EditTarget, why: str) -> ConflictError:
    return ConflictError([f"{_field_label(target)} {why}"])


def _set(target: EditTarget, value: Any, was: Any) -> str:
    node = target.node
    is_list = isinstance(value, list) and node.id == "sequence" and is_flow(node) and target.document.mask is None
    if not is_list and not target.document.is_plain(node):
        raise _refuse(target, "is built by a template expression")
    keeps_quotes = isinstance(value, str) or isinstance(was, str) is isinstance(value, str)
    style = node.style if keeps_quotes and not is_list and node.style in {"'", '"'} else ""
    return entries.value_set(
        target.document.source, target.node_path, format_scalar(value, style), _field_label(target)
    )


def _add(target: EditTarget, change: SetValue) -> str:
    """In a template the entry goes right below the map's key: a condition can start further down."""
    document, node_path = target.document, target.node_path
    first = document.mask is not None and node_path.key is not None
    if not first and node_path.node.id == "mapping" and node_path.node.value:
        last = len(node_path.node.value) - 1
        _require_balance(target, node_path.node.start_mark.index, end_of_entry(document.source, node_path.node, last))
    text, key = format_scalar(change.value), str(change.at[-1])
    return entries.entry_added(document.source, node_path, key, text, _field_label(target), first=first)


def _rename(target: EditTarget, change: RenameKey) -> str:
    _require_key(target, change.at)
    return entries.key_renamed(target.document.source, target.node_path, change.key, _field_label(target))


def _delete(target: EditTarget, change: DeleteKey) -> str:
    _require_key(target, change.at)
    _require_whole(target)
    return entries.entry_deleted(target.document.source, target.node_path, _field_label(target), change.comments)


def _require_key(target: EditTarget, at: Route) -> None:
    if target.node_path.key is None or target.node_path.key.value != str(at[-1]):
        raise _refuse(target, f"isn't spelled {at[-1]} there")


def _require_whole(target: EditTarget) -> None:
    """In a template an entry with only one end of a block can't be moved or removed: the other end would remain."""
    node_path = target.node_path
    end = end_of_entry(target.document.source, node_path.parent, node_path.steps[-1])
    _require_balance(target, node_path.key.start_mark.index, end)


def _require_balance(target: EditTarget, start: int, end: int) -> None:
    mask = target.document.mask
    if mask is not None and not mask.is_balanced(target.document.source.text[start:end]):
        raise _refuse(target, "spans conditions of the template")


def _move_edits(change: MoveKey, in_values: FindTargets, in_templates: FindTargets) -> Iterator[CandidateEdit]:
    are_siblings = change.into[:-1] == change.at[:-1]
    for find_targets in (in_templates, in_values):
        for target in find_targets(change.at):
            parents = list(find_targets(change.into))
            if not parents and are_siblings:
                yield from _try_edit(target, lambda target: _nest(target, change))
            for parent in parents:
                yield from _try_edit(target, lambda target, parent=parent: _move(target, parent, change))  # type: ignore[misc]


def _nest(target: EditTarget, change: MoveKey) -> str:
    _require_key(target, change.at)
    outer = str(change.into[-1])
    return entries.entry_nested(target.document.source, target.node_path, outer, change.key, _field_label(target))


def _move(target: EditTarget, parent: EditTarget, change: MoveKey) -> str:
    _require_key(target, change.at)
    _require_whole(target)
    document = target.document
    if (parent.document.path, parent.document.head) != (document.path, document.head) or _enclosing_blocks(
        parent
    ) != _enclosing_blocks(target):
        raise _refuse(target, "and its new parent are in different documents or conditions")
    in_template = document.mask is not None
    return entries.entry_moved(
        document.source, target.node_path, parent.node_path, change.key, _field_label(target), first=in_template
    )


def _enclosing_blocks(target: EditTarget) -> tuple[int, ...]:
    """The template blocks around a target, each by the offset of its opening action."""
    if target.document.mask is None or target.offset is None:
        return ()
    return tuple(block.opener.start for block in parse(target.document.mask.original).conditions_at(target.offset))
