"""Adds a property to a JSON Schema in the file's own layout, without changing any other byte."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from chartgen.errors import ConflictError, InputError
from chartgen.inputs.schema import BoundedSchema, refuse_patterns, without_dialects
from chartgen.inputs.shape import json_document
from chartgen.patterns import lazy_pattern

_BOM = "\ufeff"
_SPACE = lazy_pattern(r"[ \t\r\n]*")
_BLANK = lazy_pattern(r"[ \t]*")
_UNIT = "  "


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object: the offsets where its key begins, its value begins, and its value ends."""

    name: str
    key: int
    value: int
    end: int


def add_property(data: bytes, name: str, schema: dict[str, Any], *, path: str = "values.schema.json") -> bytes:
    """`data` with `schema` as the last of the root's properties; a local `$ref` at the root is followed.

    Returns `data` if the root has this property already. Raises ConflictError, with `path` in its message, if the root
    has a different property of this name, or if the property would have no effect.
    """
    text, root = read_schema(data, path)
    text, pointer = _own_target(text, root, name, path)
    target = value_at_pointer(root, pointer)
    properties = target.get("properties", {})
    _require_allowed(target, name, path)
    if properties.get(name) == schema:
        return data
    if name in properties:
        raise ConflictError([f"{path} already has a different property {name}"], hint="remove it or merge it by hand")
    begin = offset_of(text, pointer)
    properties_offset = {member.name: member.value for member in members(text, begin)}.get("properties")
    if properties_offset is None:
        changed = _with_member(text, begin, "properties", {name: schema})
    else:
        changed = _with_member(text, properties_offset, name, schema)
    target["properties"] = {**properties, name: schema}
    if json.loads(changed.removeprefix(_BOM)) != root:
        raise ConflictError([f"{path}: chartgen can't add {name} to this file"], hint="add it by hand and run again")
    return changed.encode()


def read_schema(data: bytes, path: str) -> tuple[str, dict[str, Any]]:
    """The text and the value of a schema, which must be an object; raises ConflictError, with `path` in its message."""
    try:
        text = data.decode("utf-8")
        root = json_document(text.removeprefix(_BOM))
    except (UnicodeDecodeError, InputError) as error:
        raise ConflictError([f"{path} is not valid JSON: {error}"], hint="correct it and run again") from error
    if not isinstance(root, dict):
        raise ConflictError([f"{path}: the root is not an object"], hint="make it an object with properties")
    return text, root


def _own_target(text: str, root: dict[str, Any], name: str, path: str) -> tuple[str, tuple[str, ...]]:
    """The pointer of the object whose properties apply: the root, or the target of its `$ref`.

    Draft 7 ignores all keys beside `$ref`. A target that others use too must not change, so the root gets a copy of it:
    the returned text has this copy, and `root` as well.
    """
    pointer: tuple[str, ...] = ()
    target: Any = root
    seen = set()
    while isinstance(target, dict) and "$ref" in target:
        reference = target["$ref"]
        referenced = pointer_of(root, str(reference))
        if reference in seen or not referenced:
            conflict = f"{path}: the root is the $ref {reference}, so a property beside it has no effect"
            raise ConflictError([conflict], hint="add the property to the referenced schema by hand and run again")
        seen.add(reference)
        if _uses(root, reference) > 1 and isinstance(value_at_pointer(root, referenced), dict):
            text, referenced = _with_copy(text, root, pointer, referenced, name)
        pointer = referenced
        target = value_at_pointer(root, pointer)
    if not isinstance(target, dict) or not isinstance(target.get("properties", {}), dict):
        raise ConflictError([f"{path}: `properties` is not an object"], hint="correct it and run again")
    return text, pointer


def pointer_of(root: Any, reference: str) -> tuple[str, ...]:
    """The steps to the target of a local `$ref`, a JSON pointer or an anchor; empty if it isn't one of these."""
    if reference.startswith("#/"):
        return tuple(_unescaped(step) for step in reference.split("/")[1:])
    return _anchored(root, reference.removeprefix("#")) if reference[:1] == "#" and reference[1:] else ()


def _anchored(node: Any, anchor: str, pointer: tuple[str, ...] = ()) -> tuple[str, ...]:
    if not isinstance(node, dict):
        return ()
    if pointer and (node.get("$anchor") == anchor or node.get("$id") == f"#{anchor}"):
        return pointer
    return next((found for key in node if (found := _anchored(node[key], anchor, (*pointer, key)))), ())


def _with_copy(
    text: str, root: dict[str, Any], user: tuple[str, ...], shared: tuple[str, ...], name: str
) -> tuple[str, tuple[str, ...]]:
    """The text with a copy of the object at `shared`, to which the `$ref` of the object at `user` now points."""
    siblings = value_at_pointer(root, shared[:-1])
    key = f"{shared[-1]}With{name.capitalize()}"
    while key in siblings:
        key += "2"
    copy = {member: value for member, value in siblings[shared[-1]].items() if member not in {"$anchor", "$id"}}
    text = _with_member(text, offset_of(text, shared[:-1]), key, copy)
    siblings[key] = deepcopy(copy)
    own = (*shared[:-1], key)
    reference = "#/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in own)
    member = {member.name: member for member in members(text, offset_of(text, user))}["$ref"]
    value_at_pointer(root, user)["$ref"] = reference
    return text[: member.value] + json.dumps(reference, ensure_ascii=False) + text[member.end :], own


def _unescaped(step: str) -> str:
    return unquote(step).replace("~1", "/").replace("~0", "~")


def value_at_pointer(root: Any, pointer: tuple[str, ...]) -> Any:
    """The value at the pointer, None if there is none."""
    for step in pointer:
        root = root.get(step) if isinstance(root, dict) else None
    return root


def _uses(node: Any, reference: str) -> int:
    """How often the document refers to `reference`: a schema that others use too must not change."""
    if isinstance(node, dict):
        return int(node.get("$ref") == reference) + sum(_uses(child, reference) for child in node.values())
    return sum(_uses(child, reference) for child in node) if isinstance(node, list) else 0


def _require_allowed(target: dict[str, Any], name: str, path: str) -> None:
    """Raise ConflictError if `propertyNames` forbids the name, whatever the properties are."""
    names = target.get("propertyNames", True)
    if names is True or "$ref" in json.dumps(names):
        return
    from jsonschema.validators import validator_for
    from referencing.exceptions import Unresolvable

    try:
        refuse_patterns(names)
        allowed = not any(BoundedSchema(validator_for(target), without_dialects(names)).iter_errors(name))
    except (InputError, Unresolvable) as error:
        raise ConflictError([f"{path}: propertyNames: {error}"], hint="correct it and run again") from error
    if not allowed:
        raise ConflictError([f"{path}: propertyNames doesn't allow {name}"], hint="allow it by hand and run again")


def offset_of(text: str, pointer: tuple[str, ...]) -> int:
    """The offset of the object at `pointer`. For duplicate members, the last one counts, as in Helm."""
    offset = _skip(text, int(text.startswith(_BOM)))
    for step in pointer:
        offset = {member.name: member.value for member in members(text, offset)}[step]
    return offset


def members(text: str, brace: int) -> list[Member]:
    """The members of the object that begins at `brace`."""
    decoder = json.JSONDecoder()
    found = []
    offset = _skip(text, brace + 1)
    while text[offset] != "}":
        key = offset
        name, offset = decoder.raw_decode(text, key)
        value = _skip(text, _skip(text, offset) + 1)
        _, end = decoder.raw_decode(text, value)
        found.append(Member(name, key, value, end))
        offset = _skip(text, end)
        offset = _skip(text, offset + 1) if text[offset] == "," else offset
    return found


def _skip(text: str, offset: int, pattern: re.Pattern[str] = _SPACE) -> int:
    match = pattern.match(text, offset)
    return match.end() if match else offset


def _with_member(text: str, brace: int, name: str, value: Any) -> str:
    """`text` with a last member in the object that begins at `brace`, in the object's own layout."""
    present = members(text, brace)
    if not present:
        return _into_empty(text, brace, name, value)
    last = present[-1]
    pad = _lead(text, last.key)
    if text[brace + 1 : last.key].endswith(f"\n{pad}"):
        body = f",{_newline(text)}{pad}{_pretty(name, value, pad, text)}"
    else:
        is_dense = text[last.value - 1] == ":"
        body = ("," if is_dense else ", ") + _compact(name, value, dense=is_dense)
    return text[: last.end] + body + text[last.end :]


def _into_empty(text: str, brace: int, name: str, value: Any) -> str:
    """`text` with a member in an empty object, on lines of its own if the file has several lines."""
    if "\n" in text.strip():
        outer = _lead(text, brace)
        pad, newline = outer + _unit(text), _newline(text)
        body = f"{newline}{pad}{_pretty(name, value, pad, text)}{newline}{outer}"
    else:
        body = _compact(name, value, dense=re.search(r'":\S', text) is not None)
    return text[: brace + 1] + body + text[text.index("}", brace) :]


def _lead(text: str, offset: int) -> str:
    """The whitespace at the beginning of the line."""
    line = text.rfind("\n", 0, offset) + 1
    return text[line : _skip(text, line, _BLANK)]


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _unit(text: str) -> str:
    """One step of indentation: that of the first member on a line of its own."""
    match = re.search(r"\{\s*\n([ \t]+)\"", text)
    return match[1] if match else _UNIT


def _pretty(name: str, value: Any, pad: str, text: str) -> str:
    body = json.dumps(value, indent=_unit(text), ensure_ascii=False)
    return f"{json.dumps(name)}: {body}".replace("\n", f"{_newline(text)}{pad}")


def _compact(name: str, value: Any, *, dense: bool) -> str:
    separators = (",", ":") if dense else (", ", ": ")
    return json.dumps({name: value}, separators=separators, ensure_ascii=False)[1:-1]
