"""Finds values that may have rendered a field, and a change of each that would show in the field."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.manifests.manifest import Route

_PROBE = "zzchartgen"
_SHORTEST_PART = 3


def candidates(values: Mapping[str, Any], field: Any, route: Route) -> list[Route]:
    """Routes of the values that may have rendered `field`, the likeliest first: same content, then same name."""
    names = [str(step) for step in route if isinstance(step, str)]
    ranked = [
        (difference, -_name_similarity(names, candidate), len(candidate), candidate)
        for candidate, value in _nodes(values)
        if (difference := _content_difference(value, field)) is not None
    ]
    return [candidate for *_, candidate in sorted(ranked, key=lambda rank: rank[:3])]


def empty_candidates(values: Mapping[str, Any], route: Route) -> list[Route]:
    """Routes of the empty values that may have removed something from the field at `route`, the likeliest first."""
    names = [str(step) for step in route if isinstance(step, str)]
    empty = [candidate for candidate, value in _nodes(values) if value is None or value == ""]
    return sorted(
        empty, key=lambda candidate: (-_name_similarity(names, candidate), not _shares_beginning(names, candidate))
    )


def _shares_beginning(names: list[str], candidate: Route) -> bool:
    """Whether one of the last names begins with the other: `host` and `hosts`."""
    name, candidate_name = names[-1].lower(), str(candidate[-1]).lower()
    return name.startswith(candidate_name) or candidate_name.startswith(name)


def _nodes(node: Any, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    if route:
        yield route, node
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, value in items:
        yield from _nodes(value, (*route, step))


def _content_difference(value: Any, field: Any) -> int | None:
    """0 for the same content, 1 for a part of it, None for anything else."""
    if isinstance(field, dict) and isinstance(value, dict):
        shared = field.keys() & value.keys()
        return (0 if value == field else 1) if shared else None
    if isinstance(field, list) and isinstance(value, list):
        return (0 if value == field else 1) if any(item in field for item in value) else None
    if isinstance(field, (dict, list)) or isinstance(value, (dict, list)) or value is None:
        return None
    if value == field or _as_text(value) == _as_text(field):
        return 0
    # A part of the field counts only if it is most of it: then a problem is likely in this part, not in the rest.
    part = _as_text(value)
    return 1 if len(part) >= max(_SHORTEST_PART, len(_as_text(field)) / 2) and part in _as_text(field) else None


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _name_similarity(names: list[str], candidate: Route) -> int:
    """The number of names that both routes contain, plus two for each of the last names they share."""
    candidate_names = [str(step) for step in candidate if isinstance(step, str)]
    shared_tail = 0
    for name, candidate_name in zip(reversed(names), reversed(candidate_names), strict=False):
        if name != candidate_name:
            break
        shared_tail += 1
    return 2 * shared_tail + len(set(names) & set(candidate_names))


def changed(value: Any) -> Any:
    """Another value of the same type, which `shows_change` recognizes."""
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
    """Whether the field shows that `value` was replaced by `changed(value)`."""
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
    """`value` at `route` as an overlay; a list on the way is copied as a whole, since Helm replaces lists."""
    first, rest = str(route[0]), route[1:]
    return {first: _overlay(values.get(first), rest, value)}


def _overlay(node: Any, route: Route, value: Any) -> Any:
    if not route:
        return value
    step, rest = route[0], route[1:]
    if isinstance(node, list) and isinstance(step, int):
        items = deepcopy(node)
        items[step] = _completed(items[step], rest, value)
        return items
    return {str(step): _overlay(node.get(step) if isinstance(node, dict) else None, rest, value)}


def _completed(node: Any, route: Route, value: Any) -> Any:
    """The whole node with `value` at `route`, since Helm doesn't merge inside a list."""
    if not route:
        return value
    copy = deepcopy(node)
    parent = copy
    for step in route[:-1]:
        parent = parent[step]
    parent[route[-1]] = value
    return copy
