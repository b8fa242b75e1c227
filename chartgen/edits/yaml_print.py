"""Values as lines of YAML in block style, for a block that chartgen writes."""

from __future__ import annotations

import json
from typing import Any

from chartgen.edits.yaml_entry import key_text
from chartgen.edits.yaml_flow import format_scalar


def block_lines(value: Any) -> list[str]:
    """The lines of a map, a list or a scalar, not indented. A text of several lines is a literal."""
    if isinstance(value, dict) and value:
        return [line for key, below in value.items() for line in _entry(f"{key_text(str(key))}:", below)]
    if isinstance(value, list) and value:
        return [line for item in value for line in _item(item)]
    return [_scalar(value)]


def _entry(key: str, value: Any) -> list[str]:
    if _is_literal(value):
        return [
            f"{key} |{'' if value.endswith(chr(10)) else '-'}",
            *(f"  {line}".rstrip() for line in value.splitlines()),
        ]
    lines = block_lines(value)
    if isinstance(value, dict) and value:
        return [key, *(f"  {line}" for line in lines)]
    if isinstance(value, list) and value:
        return [key, *lines]
    return [f"{key} {lines[0]}"]


def _item(value: Any) -> list[str]:
    first, *rest = block_lines(value)
    return [f"- {first}", *(f"  {line}" if line else line for line in rest)]


def _is_literal(value: Any) -> bool:
    """Whether the text reads the same as a literal: no blanks that a literal would lose."""
    if not isinstance(value, str) or "\n" not in value.rstrip("\n") or value.endswith("\n\n"):
        return False
    lines = value.splitlines()
    return not value.startswith((" ", "\n")) and all(line == line.rstrip() and line.isprintable() for line in lines)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) and "\n" in value else format_scalar(value)
