"""A property added to a JSON Schema so that it can be removed again to the last byte.

Removing is the inverse of `add_property`: every text that the property may have been added to is tried, and the one
counts from which adding leads back to the file. If several would, the property's `$comment` says what was there before.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.edits.json_text import add_property, members, offset_of, pointer_of, read_schema, value_at_pointer
from chartgen.errors import ConflictError
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOM = "\ufeff"
_RECORD = lazy_pattern(r"add-canary wrote this in place of (\{\s*\})\.")
_PATH = "values.schema.json"
Pointer = tuple[str, ...]


def add_reversible_property(data: bytes, name: str, schema: dict[str, Any], *, path: str = _PATH) -> bytes:
    """As `add_property`, so that `remove_property` restores `data`."""
    plain = add_property(data, name, schema, path=path)
    if plain == data or remove_property(plain, name, path=path) == data:
        return plain
    text, root = read_schema(data, path)
    pointer, _ = _target(root)
    begin = next((each.value for each in members(text, offset_of(text, pointer)) if each.name == "properties"), None)
    if begin is None:
        return plain
    record = f"add-canary wrote this in place of {text[begin : text.index('}', begin) + 1]}."
    return add_property(data, name, {"$comment": record, **schema}, path=path)


def remove_property(data: bytes, name: str, *, path: str = _PATH) -> bytes:
    """`data` without the root's property `name`; `data` itself if there is none.

    Raises ConflictError, with `path` in its message, if it can't be removed without changing more.
    """
    text, root = read_schema(data, path)
    pointer, user = _target(root)
    schema = _properties(root, pointer).get(name)
    if schema is None:
        return data
    fallback: str | None = None
    for candidate in _candidates(_Schema(text, root, pointer, user), name, schema):
        try:
            _, after = read_schema(candidate.encode(), path)
        except ConflictError:
            continue
        if name in _properties(after, _target(after)[0]):
            continue
        if _leads_back(candidate, text, (pointer, name), path):
            return candidate.encode()
        fallback = candidate if fallback is None else fallback
    if fallback is None:
        raise ConflictError([f"{path}: chartgen can't remove the property {name}"], hint="remove it by hand")
    return fallback.encode()


@dataclass(frozen=True, slots=True)
class _Schema:
    """A schema: `pointer` is the object whose properties apply, `user` the one whose `$ref` leads there, if any."""

    text: str
    root: dict[str, Any]
    pointer: Pointer
    user: Pointer | None


def _target(root: dict[str, Any]) -> tuple[Pointer, Pointer | None]:
    pointer: Pointer = ()
    user: Pointer | None = None
    seen: set[Pointer] = set()
    while pointer not in seen:
        seen.add(pointer)
        target = value_at_pointer(root, pointer)
        referenced = pointer_of(root, str(target["$ref"])) if isinstance(target, dict) and "$ref" in target else ()
        if not referenced:
            break
        pointer, user = referenced, pointer
    return pointer, user


def _properties(root: dict[str, Any], pointer: Pointer) -> dict[str, Any]:
    target = value_at_pointer(root, pointer)
    properties = target.get("properties") if isinstance(target, dict) else None
    return properties if isinstance(properties, dict) else {}


def _candidates(schema: _Schema, name: str, added: Any) -> Iterator[str]:
    """The texts that the property may have been added to, the likeliest first."""
    text, pointer = schema.text, schema.pointer
    found = _RECORD.fullmatch(str(added.get("$comment"))) if isinstance(added, dict) else None
    if found:
        begin, end = _value_span(text, (*pointer, "properties"))
        yield text[:begin] + found[1] + text[end:]
    yield from _without_copy(schema, name)
    if len(_properties(schema.root, pointer)) == 1:
        yield from _without_member(text, pointer, "properties")
    yield from _without_member(text, (*pointer, "properties"), name)


def _without_copy(schema: _Schema, name: str) -> Iterator[str]:
    """Without the copy of a shared definition that was made for the property."""
    if schema.user is None:
        return
    own = re.fullmatch(rf"(.+)With{name.capitalize()}2*", schema.pointer[-1])
    original = value_at_pointer(schema.root, (*schema.pointer[:-1], own[1])) if own else None
    if own is None or not isinstance(original, dict):
        return
    steps = (*schema.pointer[:-1], own[1])
    references = ["#/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)]
    references += [f"#{str(original[key]).removeprefix('#')}" for key in ("$anchor", "$id") if key in original]
    for without in _without_member(schema.text, schema.pointer[:-1], schema.pointer[-1]):
        begin, end = _value_span(without, (*schema.user, "$ref"))
        for reference in references:
            yield without[:begin] + json.dumps(reference, ensure_ascii=False) + without[end:]


def _without_member(text: str, pointer: Pointer, name: str) -> Iterator[str]:
    """Without one member of the object at `pointer`, and without the comma before or after it."""
    begin = offset_of(text, pointer)
    found = members(text, begin)
    index = max(number for number, member in enumerate(found) if member.name == name)
    if index:
        yield text[: found[index - 1].end] + text[found[index].end :]
    elif len(found) > 1:
        yield text[: found[0].key] + text[found[1].key :]
    else:
        yield text[: begin + 1] + text[text.index("}", found[0].end) :]


def _value_span(text: str, pointer: Pointer) -> tuple[int, int]:
    member = {each.name: each for each in members(text, offset_of(text, pointer[:-1]))}[pointer[-1]]
    return member.value, member.end


def _leads_back(candidate: str, text: str, place: tuple[Pointer, str], path: str) -> bool:
    """Whether adding a property to the candidate leads to this text, whatever the property is."""
    pointer, name = place
    begin, end = _value_span(text, (*pointer, "properties", name))
    try:
        again = add_property(candidate.encode(), name, {}, path=path).decode()
    except ConflictError:
        return False
    return again == text[:begin] + "{}" + text[end:]
