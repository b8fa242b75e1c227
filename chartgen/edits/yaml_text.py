"""Edits of a values.yaml as text: what is added stands where it must, and every other byte stays as it was.

A YAML library's round trip gives back the same bytes for 652 of 1,396 real files only, so none is used to write.
ruamel.yaml says where things stand; the text is cut and joined here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from chartgen.errors import ConflictError

_BOM = "\ufeff"
_END_MARK = re.compile(r"^\.\.\.(?:\s|$)")
_START_MARK = re.compile(r"^---(?:\s|$)")


@dataclass(frozen=True, slots=True)
class _Root:
    """The root node of the one document: its kind, indent in columns, and offsets of its text."""

    kind: str
    column: int
    start: int
    end: int
    flow: bool
    empty: bool


def add_top_level_block(data: bytes, key: str, block: str, *, told: str = "values.yaml") -> bytes:
    """`data` with `key:` as a last entry of its root, `block` below it (LF, not indented, ending in a newline).

    Raises ConflictError, naming the file as `told`, where the text is no single YAML mapping.
    """
    whole = _decoded(data, told)
    bom = _BOM if whole.startswith(_BOM) else ""
    text = whole.removeprefix(_BOM)
    root = _root(text, told)
    newline = "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"
    if root is None or root.kind == "null":
        changed = _appended(text, _entry(key, block, 0, newline), newline, root)
    elif root.kind != "mapping":
        raise ConflictError([f"{told}: its root is a {root.kind}, not a map"], hint="nothing was written")
    elif root.flow:
        changed = _into_flow(text, root, key, block)
    else:
        changed = _appended(text, _entry(key, block, root.column, newline), newline, root)
    return (bom + changed).encode("utf-8", "surrogateescape")


def _decoded(data: bytes, told: str) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise ConflictError([f"{told}: it is UTF-16 text"], hint="save it as UTF-8")
    return data.decode("utf-8", "surrogateescape")


def _root(text: str, told: str) -> _Root | None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        documents = list(YAML(typ="rt", pure=True).compose_all(text))
    except (YAMLError, ValueError) as error:
        raise ConflictError([f"{told}: not readable YAML: {_short(error)}"], hint="nothing was written") from error
    documents = [node for node in documents if node is not None]
    if len(documents) > 1:
        raise ConflictError([f"{told}: it holds {len(documents)} documents"], hint="nothing was written")
    return _described(documents[0]) if documents else None


def _described(node: Any) -> _Root:
    is_null = node.id == "scalar" and node.tag is not None and str(node.tag).endswith(":null")
    kind = "null" if is_null else str(node.id)
    flow = bool(getattr(node, "flow_style", False))
    column = node.value[0][0].start_mark.column if kind == "mapping" and node.value and not flow else 0
    empty = kind != "scalar" and not node.value
    return _Root(kind, column, node.start_mark.index, node.end_mark.index, flow, empty)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:160]


def _entry(key: str, block: str, column: int, newline: str) -> str:
    lines = [f"{key}:", *(f"  {line}" if line else "" for line in block.splitlines())]
    return "".join(f"{' ' * column}{line}{newline}" if line else newline for line in lines)


def _appended(text: str, entry: str, newline: str, root: _Root | None) -> str:
    """The entry after the root's last line, before a `...` that ends the document."""
    if root is not None and not text.endswith("\n") and _ends_in_block_scalar(text, root):
        # Any line after it would give the scalar the line end that it does not have.
        at = text.rfind("\n", 0, root.start) + 1
        return text[:at] + entry + text[at:]
    if root is not None and root.kind == "null" and text[root.start : root.end].strip():
        # `null` or `~` spelt out: the block takes its place.
        return text[: root.start] + entry.rstrip("\r\n") + text[root.end :]
    at = _end_of_document(text)
    head, tail = text[:at], text[at:]
    glue = _glue(head, newline, root)
    ends_open = bool(head) and not text.endswith("\n") and not tail
    body = entry.rstrip("\r\n") if ends_open else entry
    return head + glue + body + tail


def _end_of_document(text: str) -> int:
    offset = 0
    started = False
    for line in text.splitlines(keepends=True):
        if _END_MARK.match(line) and started:
            return offset
        started = started or bool(line.strip())
        offset += len(line)
    return len(text)


def _glue(head: str, newline: str, root: _Root | None) -> str:
    """What must stand between the last line and the entry so that neither changes the other."""
    if not head:
        return ""
    if not head.endswith("\n"):
        return newline + newline
    if _ends_in_block_scalar(head, root):
        # An empty line would become part of a `|+` scalar.
        return ""
    return "" if head.endswith(("\n\n", "\n\r\n")) else newline


def _ends_in_block_scalar(head: str, root: _Root | None) -> bool:
    """Whether the root's text reaches over the last line: a scalar that keeps its trailing lines."""
    return root is not None and root.kind == "mapping" and _last_is_literal(head)


def _last_is_literal(text: str) -> bool:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        node = YAML(typ="rt", pure=True).compose(text)
    except (YAMLError, ValueError):
        return True
    while node is not None and node.id in {"mapping", "sequence"} and node.value and not node.flow_style:
        last = node.value[-1]
        node = last[1] if node.id == "mapping" else last
    return node is not None and node.id == "scalar" and node.style in {"|", ">"}


def _into_flow(text: str, root: _Root, key: str, block: str) -> str:
    """The entry as JSON, which is YAML too, before the closing brace of `{…}`."""
    import json

    from ruamel.yaml import YAML

    value = json.dumps(_plain(YAML(typ="safe", pure=True).load(block)))
    inside = text[root.start : root.end - 1]
    member = f'"{key}": {value}'
    if root.empty:
        return text[: root.end - 1] + member + text[root.end - 1 :]
    last = _end_of_last_entry(text, root)
    rest = text[last : root.end - 1]
    has_comma = rest.lstrip().startswith(",")
    if has_comma:
        at = last + rest.index(",") + 1
        return f"{text[:at]} {member}{text[at:]}"
    assert inside, "a flow map that is not empty has text inside"
    space = " " if text[last - 1] == ":" else ""
    return f"{text[:last]}{space}, {member}{text[last:]}"


def _end_of_last_entry(text: str, root: _Root) -> int:
    from ruamel.yaml import YAML

    node = YAML(typ="rt", pure=True).compose(text)
    key, value = node.value[-1]
    end = value.end_mark.index
    return int(end) if end <= root.end - 1 else int(key.end_mark.index)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(below) for key, below in value.items()}
    return [_plain(below) for below in value] if isinstance(value, list) else value
