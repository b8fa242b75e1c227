"""One item of a `range` in a template: what its block renders for this item, written without the `range`.

`{{ range $name, $of := .Values.apps }}` renders a workload for each app. The Canary of one of them repeats the block's
expressions with `"front"` in place of `$name`, and `(index (.Values.apps | default dict) "front")` in place of `$of`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.charts.gotemplate.blocks import parse, without_strings
from chartgen.manifests.manifest import value_at
from chartgen.patterns import lazy_pattern
from chartgen.proof.variations import overlay_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.gotemplate.blocks import Action

# A `.` that begins a path: not `$.a`, `(f).a`, or the one between two fields.
DOT = lazy_pattern(r"(?<![\w.$)])\.(?P<field>(?=[A-Za-z_]))?(?!\d)")
_RANGE = lazy_pattern(r"(?:\$(?P<first>\w+)\s*(?:,\s*\$(?P<second>\w+)\s*)?:=\s*)?(?P<collection>.+)", re.DOTALL)
_VALUES = lazy_pattern(r"\$?\.Values((?:\.[A-Za-z_]\w*)+)")
_VARIABLE = lazy_pattern(r"\$(\w+)")
_NAMES_SOMETHING = lazy_pattern(r"[.$]")


@dataclass(frozen=True, slots=True)
class RangeItem:
    """The item of `collection` that is the text `name`, or has the key `name` in a map.

    `key` and `value` are what the variables of `range $key, $value :=` are, `condition` is true while the collection
    has the item, empty if it always does. They are template expressions, as `collection` is.
    """

    collection: str
    name: str
    key: str
    value: str
    condition: str
    in_map: bool

    def is_of(self, opener: Action) -> bool:
        """Whether the `range` is over the item's collection."""
        return collection_of(opener).removeprefix("$") == self.collection.removeprefix("$")

    def written(self, expression: str, opener: Action) -> str:
        """An expression of the block after `opener`, written for the place of the `range`."""
        key, value = _variables(opener)
        known = {name: text for name, text in ((key, self.key), (value, self.value)) if name}
        expression = with_dot(expression, self.value)
        for match in reversed(list(_VARIABLE.finditer(without_strings(expression)))):
            if match[1] in known:
                expression = expression[: match.start()] + known[match[1]] + expression[match.end() :]
        return expression

    def written_text(self, text: str, opener: Action) -> str:
        """Template text of the block after `opener`, written for the place of the `range`."""
        pieces, end = [], 0
        for action in parse(text).actions:
            body = self.written(action.body, opener)
            if body == action.body:
                continue
            left, right = "-" if action.trims_left else "", "-" if action.trims_right else ""
            is_plain = body == _literal(self.name) and not left and not right
            pieces += [text[end : action.start], self.name if is_plain else f"{{{{{left} {body} {right}}}}}"]
            end = action.end
        return "".join([*pieces, text[end:]])

    def test(self, opener: Action) -> str | None:
        """The condition, inside the block, that this is the current item; None if nothing there names the item."""
        key, value = _variables(opener)
        if self.in_map:
            return f"eq ${key} {self.key}" if key else None
        return f"eq {f'${value}' if value else '.'} {self.value}"


def _variables(opener: Action) -> tuple[str | None, str | None]:
    """The names of the variables for the key and the value."""
    found = _RANGE.fullmatch(opener.expression)
    if found is None:
        return None, None
    return (found["first"], found["second"]) if found["second"] else (None, found["first"])


def collection_of(opener: Action) -> str:
    """What a `range` is over: `.Values.apps` for `range $name, $of := .Values.apps`."""
    found = _RANGE.fullmatch(opener.expression)
    return found["collection"].strip() if found else ""


def changed_items(
    collection: str, item: RangeItem | None, values: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Values without the item, and with the items of a list in another order, each with a label."""
    path = _VALUES.fullmatch(collection)
    route = tuple(path[1][1:].split(".")) if path else ()
    items = value_at(values, route) if path else None
    if isinstance(items, list):
        yield f"{'.'.join(route)} reversed", overlay_of(route, items[::-1])
    if item and isinstance(items, list):
        yield f"without {item.name}", overlay_of(route, [each for each in items if each != item.name])
    elif item and isinstance(items, dict):
        yield f"without {item.name}", overlay_of((*route, item.name), None)


def items_of(collection: str, found: Any) -> Iterator[RangeItem]:
    """The items of a collection that Helm evaluates to `found`: those of a map, and the texts of a list."""
    is_constant = not _NAMES_SOMETHING.search(without_strings(collection))
    operand = f"({collection})" if " " in collection else collection
    if isinstance(found, dict):
        for name in found:
            items = f"({operand} | default dict)"
            condition = "" if is_constant else f"hasKey {items} {_literal(name)}"
            yield RangeItem(collection, name, _literal(name), f"(index {items} {_literal(name)})", condition, True)
    for position, name in enumerate(found if isinstance(found, list) else ()):
        if isinstance(name, str):
            condition = "" if is_constant else f"has {_literal(name)} {operand}"
            yield RangeItem(collection, name, str(position), _literal(name), condition, False)


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def with_dot(expression: str, dot: str) -> str:
    """An expression with `dot` in place of `.`."""
    pieces: list[str] = []
    end = 0
    for match in DOT.finditer(without_strings(expression)):
        pieces += [expression[end : match.start()], dot]
        end = match.start() if match["field"] is not None else match.end()
    return "".join([*pieces, expression[end:]])
