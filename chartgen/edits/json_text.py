"""A property put into a JSON Schema as text: every other byte of the file stays."""

from __future__ import annotations

import json
import re
from typing import Any

from chartgen.errors import ConflictError

_BOM = b"\xef\xbb\xbf"
_SPACE = re.compile(r"[ \t\r\n]*")


def add_property(data: bytes, name: str, schema: dict[str, Any]) -> bytes:
    """`data` with `schema` as the root's property `name`, in the file's own indentation and line ends.

    Raises ConflictError where the root is no object, says something of `name` already, or is a mere `$ref`.
    """
    bom = _BOM if data.startswith(_BOM) else b""
    text = data[len(bom) :].decode("utf-8")
    root = _root(text, name)
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = _indent(text)
    if "properties" in root:
        offset = _value_offset(text, "properties")
        changed = _with_member(text, offset, name, schema, (indent, newline, 2))
    else:
        changed = _with_member(text, text.index("{"), "properties", {name: schema}, (indent, newline, 1))
    expected = {**root, "properties": {**root.get("properties", {}), name: schema}}
    if json.loads(changed) != expected:
        raise ConflictError(["values.schema.json: the property canary cannot be added to it as text"])
    return bom + changed.encode("utf-8")


def _root(text: str, name: str) -> dict[str, Any]:
    try:
        root = json.loads(text)
    except ValueError as error:
        raise ConflictError([f"values.schema.json: not readable JSON: {error}"]) from error
    if not isinstance(root, dict):
        raise ConflictError(["values.schema.json: its root is no object"])
    if "$ref" in root:
        raise ConflictError(["values.schema.json: its root is a $ref, beside which draft 7 reads no properties"])
    if not isinstance(root.get("properties", {}), dict):
        raise ConflictError(["values.schema.json: its properties are no object"])
    if name in root.get("properties", {}):
        raise ConflictError([f"values.schema.json: it has a property {name} already"])
    return root


def _indent(text: str) -> str:
    """The white space before the first member of the root, empty where the root stands on one line."""
    match = re.match(r"\s*\{\s*\n([ \t]+)\"", text)
    return match[1] if match else ""


def _value_offset(text: str, key: str) -> int:
    """The offset of the value of the root's member `key`, the last of them where JSON has several."""
    decoder = json.JSONDecoder()
    offset = text.index("{") + 1
    found = -1
    while True:
        offset = _skip(text, offset)
        if text[offset] == "}":
            return found
        name, offset = decoder.raw_decode(text, offset)
        offset = _skip(text, _skip(text, offset) + 1)
        if name == key:
            found = offset
        _, offset = decoder.raw_decode(text, offset)
        offset = _skip(text, offset)
        if text[offset] == ",":
            offset += 1


def _skip(text: str, offset: int) -> int:
    match = _SPACE.match(text, offset)
    return match.end() if match else offset


def _with_member(text: str, brace: int, name: str, value: Any, layout: tuple[str, str, int]) -> str:
    """`text` with a last member put into the object that opens at `brace`."""
    indent, newline, depth = layout
    _, end = json.JSONDecoder().raw_decode(text, brace)
    inside_end = len(text[: end - 1].rstrip())
    is_empty = text[inside_end - 1] == "{" and inside_end - 1 == brace
    comma = "" if is_empty else ","
    if not indent:
        lead = "" if is_empty else " "
        member = f"{json.dumps(name)}: {json.dumps(value)}"
        return f"{text[:inside_end]}{comma}{lead}{member}{text[inside_end:]}"
    body = json.dumps(value, indent=len(indent) if indent.strip(" ") == "" else "\t")
    lines = f"{json.dumps(name)}: {body}".split("\n")
    pad = newline + indent * depth
    member = pad.join(lines)
    closing = f"{newline}{indent * (depth - 1)}" if is_empty else ""
    rest = text[end - 1 :] if is_empty else text[inside_end:]
    return f"{text[:inside_end]}{comma}{pad}{member}{closing}{rest}"
