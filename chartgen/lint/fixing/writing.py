"""A change of a rendered field, written where the field is made: each way of writing it, the likeliest first.

None of them is promised to be right: Helm renders the result, and only what makes exactly the change counts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartgen.charts.gotemplate.blocks import parse
from chartgen.edits import yaml_entry as entries
from chartgen.edits.yaml_candidates import end_of_entry
from chartgen.edits.yaml_flow import needs_quotes
from chartgen.errors import ConflictError
from chartgen.rules.fix import DeleteKey, MoveKey, RenameKey, SetValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.lint.fixing.yaml_document import EditTarget
    from chartgen.manifests.manifest import Route
    from chartgen.rules.fix import Change

    # The spots that may have made a field: those in the values, those in the templates.
    Spots = Callable[[Route], Iterator[EditTarget]]

Written = tuple[str, bytes]


def ways(change: Change, was: Any, in_values: Spots, in_templates: Spots) -> Iterator[Written]:
    """(path, new bytes) for each way to write `change`, the field being `was` so far (None where it is not there)."""
    match change:
        case SetValue() if was is not None:
            for spot in (*in_values(change.at), *in_templates(change.at)):
                yield from _tried(spot, lambda spot: _set(spot, change.value, was))
        case SetValue():
            for spot in (*in_templates(change.at[:-1]), *in_values(change.at[:-1])):
                yield from _tried(spot, lambda spot: _add(spot, change))
        case RenameKey():
            for spot in (*in_templates(change.at), *in_values(change.at)):
                yield from _tried(spot, lambda spot: _rename(spot, change))
        case DeleteKey():
            for spot in (*in_templates(change.at), *in_values(change.at)):
                yield from _tried(spot, lambda spot: _delete(spot, change))
        case MoveKey():
            yield from _moves(change, in_values, in_templates)


def _tried(spot: EditTarget, edit: Callable[[EditTarget], str]) -> Iterator[Written]:
    try:
        yield spot.sheet.path, spot.sheet.file(edit(spot))
    except ConflictError:
        return


def _told(spot: EditTarget) -> str:
    return f"{spot.sheet.path}: the field"


def _refuse(spot: EditTarget, why: str) -> ConflictError:
    return ConflictError([f"{_told(spot)} {why}"])


def _set(spot: EditTarget, value: Any, was: Any) -> str:
    node = spot.node
    if not spot.sheet.is_plain(node):
        raise _refuse(spot, "is built by a template expression")
    keeps_quotes = isinstance(value, str) or isinstance(was, str) is isinstance(value, str)
    style = node.style if keeps_quotes and node.style in {"'", '"'} else ""
    return entries.value_set(spot.sheet.source, spot.place, spelt_value(value, style), _told(spot))


def spelt_value(value: Any, style: str = "") -> str:
    """The scalar as YAML on one line, in quotes of `style` where that is not empty."""
    if isinstance(value, bool):
        said = str(value).lower()
    elif isinstance(value, float) and value.is_integer():
        said = str(int(value))
    else:
        said = str(value)
    if style == "'":
        return f"'{said}'" if "'" not in said else json.dumps(said, ensure_ascii=False)
    quoted = style or (isinstance(value, str) and needs_quotes(said))
    return json.dumps(said, ensure_ascii=False) if quoted else said


def _add(spot: EditTarget, change: SetValue) -> str:
    """In a template directly below the key of the map: further down a condition may begin. Items have no such line."""
    sheet, place = spot.sheet, spot.place
    first = sheet.mask is not None and place.key is not None
    if not first and place.node.id == "mapping" and place.node.value:
        last = len(place.node.value) - 1
        _require_balance(spot, place.node.start_mark.index, end_of_entry(sheet.source, place.node, last))
    text, key = spelt_value(change.value), str(change.at[-1])
    return entries.entry_added(sheet.source, place, key, text, _told(spot), first=first)


def _rename(spot: EditTarget, change: RenameKey) -> str:
    _require_key(spot, change.at)
    return entries.key_renamed(spot.sheet.source, spot.place, change.key, _told(spot))


def _delete(spot: EditTarget, change: DeleteKey) -> str:
    _require_key(spot, change.at)
    _require_whole(spot)
    return entries.entry_deleted(spot.sheet.source, spot.place, _told(spot))


def _require_key(spot: EditTarget, at: Route) -> None:
    if spot.place.key is None or spot.place.key.value != str(at[-1]):
        raise _refuse(spot, f"isn't spelled {at[-1]} there")


def _require_whole(spot: EditTarget) -> None:
    """In a template the entry must not hold one end of a block: moved or removed, it would tear it."""
    place = spot.place
    _require_balance(spot, place.key.start_mark.index, end_of_entry(spot.sheet.source, place.parent, place.steps[-1]))


def _require_balance(spot: EditTarget, start: int, end: int) -> None:
    mask = spot.sheet.mask
    if mask is not None and not mask.is_balanced(spot.sheet.source.text[start:end]):
        raise _refuse(spot, "spans conditions of the template")


def _moves(change: MoveKey, in_values: Spots, in_templates: Spots) -> Iterator[Written]:
    beside = change.into[:-1] == change.at[:-1]
    for spots in (in_templates, in_values):
        for spot in spots(change.at):
            homes = list(spots(change.into))
            if not homes and beside:
                yield from _tried(spot, lambda spot: _nest(spot, change))
            for home in homes:
                yield from _tried(spot, lambda spot, home=home: _move(spot, home, change))  # type: ignore[misc]


def _nest(spot: EditTarget, change: MoveKey) -> str:
    _require_key(spot, change.at)
    outer = str(change.into[-1])
    return entries.entry_nested(spot.sheet.source, spot.place, outer, change.key, _told(spot))


def _move(spot: EditTarget, home: EditTarget, change: MoveKey) -> str:
    _require_key(spot, change.at)
    _require_whole(spot)
    sheet = spot.sheet
    if (home.sheet.path, home.sheet.head) != (sheet.path, sheet.head) or _around(home) != _around(spot):
        raise _refuse(spot, "and its new parent are in different documents or conditions")
    in_template = sheet.mask is not None
    return entries.entry_moved(sheet.source, spot.place, home.place, change.key, _told(spot), first=in_template)


def _around(spot: EditTarget) -> tuple[int, ...]:
    """The blocks of the template around a spot, by where they open."""
    if spot.sheet.mask is None or spot.offset is None:
        return ()
    return tuple(one.opener.start for one in parse(spot.sheet.mask.original).conditions_at(spot.offset))
