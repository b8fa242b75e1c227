"""YAML values on one line: parts of maps in braces, and scalars."""

from __future__ import annotations

import json
import re
from typing import Any

from chartgen.patterns import lazy_pattern

# Letters that no version of YAML reads as anything but text, so that ruamel needn't be asked.
_WORDS = lazy_pattern(
    r"(?!(?:y|n|yes|no|on|off|true|false|null)\Z)[A-Za-z](?:[A-Za-z0-9_.-]|/(?=[A-Za-z0-9_.-]))*", re.IGNORECASE
)


def flow_text(node: Any, text: str) -> str:
    """The node, a part of `text`, in flow style and without comments."""
    if node.id == "mapping":
        return "{" + ", ".join(f"{flow_text(key, text)}: {flow_text(value, text)}" for key, value in node.value) + "}"
    if node.id == "sequence":
        return "[" + ", ".join(flow_text(item, text) for item in node.value) + "]"
    return _scalar(node, text)


def _scalar(node: Any, text: str) -> str:
    """A string as JSON. A scalar that may be of another type keeps its spelling: Helm's YAML decides its type."""
    if node.style or _is_surely_text(node.value):
        return json.dumps(node.value, ensure_ascii=False)
    return text[node.start_mark.index : node.end_mark.index] or "null"


def _is_surely_text(value: str) -> bool:
    """Whether the plain scalar is a string in every version of YAML."""
    if _WORDS.fullmatch(value):
        return True
    from ruamel.yaml import YAML

    return all(_tag(value, YAML(typ="safe", pure=True), version).endswith(":str") for version in ((1, 1), (1, 2)))


def _tag(value: str, yaml: Any, version: tuple[int, int]) -> str:
    yaml.version = version
    node = yaml.compose(value)
    return str(node.tag) if node is not None and node.id == "scalar" else ""


def needs_quotes(value: str) -> bool:
    """Whether the text needs quotes to be read as itself, on a line of its own and in braces."""
    if _WORDS.fullmatch(value):
        return False
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        node = YAML(typ="safe", pure=True).compose(f"{{a: {value}}}") if value else None
        pairs = node.value if node is not None else []
        is_same = len(pairs) == 1 and pairs[0][1].id == "scalar" and pairs[0][1].value == value
        return not (is_same and _is_surely_text(value))
    except YAMLError:
        return True


def format_scalar(value: Any, style: str = "") -> str:
    """The scalar as YAML on one line, in quotes of `style` unless that is empty."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    else:
        text = str(value)
    if style == "'":
        return f"'{text}'" if "'" not in text else json.dumps(text, ensure_ascii=False)
    quoted = style or (isinstance(value, str) and needs_quotes(text))
    return json.dumps(text, ensure_ascii=False) if quoted else text
