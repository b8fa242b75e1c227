"""Which values could have made a field, and a change of each that would show in it."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.manifests.manifest import Route

_PROBE = "zzchartgen"
_SHORTEST_PART = 3


def candidates(values: Mapping[str, Any], field: Any, route: Route) -> list[Route]:
    """Routes of the values that may have made `field`, the likeliest first: same content, then same name."""
    names = [str(step) for step in route if isinstance(step, str)]
    ranked = [
        (likeness, -_shared_tail(names, candidate), len(candidate), candidate)
        for candidate, value in _nodes(values)
        if (likeness := _unlikeness(value, field)) is not None
    ]
    return [candidate for *_, candidate in sorted(ranked, key=lambda one: one[:3])]


def blanks(values: Mapping[str, Any], route: Route) -> list[Route]:
    """Routes of the empty values that may have left something out of the field at `route`, the likeliest first."""
    names = [str(step) for step in route if isinstance(step, str)]
    empty = [candidate for candidate, value in _nodes(values) if value is None or value == ""]
    return sorted(empty, key=lambda candidate: (-_shared_tail(names, candidate), not _alike(names, candidate)))


def _alike(names: list[str], candidate: Route) -> bool:
    """Whether the last names are one another's beginning: `host` and `hosts`."""
    mine, theirs = names[-1].lower(), str(candidate[-1]).lower()
    return mine.startswith(theirs) or theirs.startswith(mine)


def _nodes(node: Any, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    if route:
        yield route, node
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, value in items:
        yield from _nodes(value, (*route, step))


def _unlikeness(value: Any, field: Any) -> int | None:
    """0 for the same content, 1 for a part of it, None for something else."""
    if isinstance(field, dict) and isinstance(value, dict):
        shared = field.keys() & value.keys()
        return (0 if value == field else 1) if shared else None
    if isinstance(field, list) and isinstance(value, list):
        return (0 if value == field else 1) if any(item in field for item in value) else None
    if isinstance(field, (dict, list)) or isinstance(value, (dict, list)) or value is None:
        return None
    if value == field or _said(value) == _said(field):
        return 0
    # A part counts where it is most of the field: what is wrong then stands in it and not in the text around.
    part = _said(value)
    return 1 if len(part) >= max(_SHORTEST_PART, len(_said(field)) / 2) and part in _said(field) else None


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shared_tail(names: list[str], candidate: Route) -> int:
    """How many of the last names of a route the candidate also ends in, twice that for the very last."""
    own = [str(step) for step in candidate if isinstance(step, str)]
    same = 0
    for mine, theirs in zip(reversed(names), reversed(own), strict=False):
        if mine != theirs:
            break
        same += 1
    return 2 * same + len(set(names) & set(own))


def changed(value: Any) -> Any:
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case dict():
            return {**value, _PROBE: _PROBE}
        case list():
            return [*value, {_PROBE: _PROBE} if value and isinstance(value[-1], dict) else _PROBE]
        case None:
            return _PROBE
        case _:
            return f"{value}{_PROBE}"


def shows_change(before: Any, after: Any, value: Any) -> bool:
    """Whether a field that was `before` shows that `value` was changed by `changed`."""
    if after is None:
        return False
    match value:
        case dict():
            return isinstance(after, dict) and _PROBE in after
        case list():
            return isinstance(after, list) and any(item in (_PROBE, {_PROBE: _PROBE}) for item in after)
        case str() | None:
            return after != before and _PROBE in str(after)
        case _:
            return bool(after != before)


def overlay_for(values: Mapping[str, Any], route: Route, value: Any) -> dict[str, Any]:
    """`value` at `route`, as an overlay; a list on the way is given whole, since Helm replaces lists."""
    first, rest = str(route[0]), route[1:]
    return {first: _laid(values.get(first), rest, value)}


def _laid(node: Any, route: Route, value: Any) -> Any:
    if not route:
        return value
    step, rest = route[0], route[1:]
    if isinstance(node, list) and isinstance(step, int):
        whole = deepcopy(node)
        whole[step] = _whole(whole[step], rest, value)
        return whole
    return {str(step): _laid(node.get(step) if isinstance(node, dict) else None, rest, value)}


def _whole(node: Any, route: Route, value: Any) -> Any:
    """The node with `value` at `route`, complete: inside a list nothing is merged any more."""
    if not route:
        return value
    copy = deepcopy(node)
    parent = copy
    for step in route[:-1]:
        parent = parent[step]
    parent[route[-1]] = value
    return copy
