"""Reads plain YAML documents as Helm does, without Helm: a process of the helm program takes 0.1 s.

A text is read only if it surely has the same meaning here (`charts.plain_yaml`, and the scalars below); Helm reads all
others. Helm's YAML becomes JSON on the way, so every number is a float of 64 bits, 1.0 is 1, and keys are sorted.
"""

from __future__ import annotations

import json
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from chartgen.charts.plain_yaml import Node, UnsureError, plain_node
from chartgen.helm.request import ValueSources
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest

# Words of YAML 1.1 that aren't text, in whatever case, and the key that merges maps.
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "inf", "nan"})
_CONSTANTS = {"": None, "null": None, "true": True, "false": False}
_TEXT = lazy_pattern(r"[A-Za-z_/].*|-[A-Za-z_].*|[0-9]+(?:\.[0-9]+){2,}(?:-[a-z].*)?|[0-9]+(?:ms|[smh%]|[KMG]i)")
# Numbers that JSON, Go and Python write and read alike.
_INTEGER = lazy_pattern(r"0|-?[1-9][0-9]{0,14}")
_DECIMAL = lazy_pattern(r"-?(?:0|[1-9][0-9]{0,7})\.[0-9]{1,7}")
_LITERAL = lazy_pattern(r"\|(?P<chomping>[+-]?) *(?:#.*)?")


def read_plain(text: str) -> dict[str, Any] | None:
    """The document as Helm reads it, None for a text that only Helm should read."""
    text = text.removeprefix("---\n")
    try:
        found: dict[str, Any] = _value(plain_node(text), 0, text.split("\n"))
    except UnsureError:
        return None
    return found


def plain_values(chart: Chart, request: RenderRequest) -> dict[str, Any] | None:
    """The values of a release without any of its own, of a chart without dependencies: those of its values.yaml.

    None if that isn't plain, or has a null: Helm 4.2 drops it.
    """
    described = "".join(chart.text(path) for path in ("Chart.yaml", "requirements.yaml") if path in chart.files)
    has_dependencies = "dependencies" in described or any(path.startswith("charts/") for path in chart.files)
    if has_dependencies or request.sources != ValueSources() or request.overlay or "values.yaml" not in chart.files:
        return None
    values = read_plain(chart.text("values.yaml"))
    return values if values is not None and "null" not in json.dumps(values) else None


def _value(node: Node, indent: int, lines: list[str]) -> Any:
    """`indent` is that of the mapping or sequence around the node."""
    if node.id == "mapping":
        pairs = [(_key(key), _value(value, key.start_mark.column, lines)) for key, value in node.value]
        return dict(sorted(pairs, key=itemgetter(0)))
    if node.id == "sequence":
        return [_value(item, node.start_mark.column, lines) for item in node.value]
    return _scalar(node.value) if node.value is not None else _literal(node, indent, lines)


def _key(node: Node) -> str:
    name: str = node.value
    if name.lower() in _WORDS:
        raise UnsureError
    return name


def _scalar(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in "\"'":
        return text[1:-1]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() else number
    if not _TEXT.fullmatch(text) or text.lstrip("-").lower() in _WORDS:
        raise UnsureError
    return text


def _literal(node: Node, indent: int, lines: list[str]) -> str:
    """A block scalar that begins with `|`, without its line breaks at the end, or with one, or with all of them."""
    mark = node.start_mark
    header = _LITERAL.fullmatch(lines[mark.line], mark.column)
    below = list(_lines_below(lines[mark.line + 1 :], indent))
    first = next((line for line in below if line), "")
    start = len(first) - len(first.lstrip(" "))
    if header is None or not first or start <= indent or any(line[:start].strip(" ") for line in below):
        raise UnsureError
    text = "\n".join(line[start:] for line in below)
    ends = len(below) < len(lines) - mark.line - 1
    content = text.rstrip("\n")
    breaks = len(text) - len(content) + ends
    return content + "\n" * {"-": 0, "": min(breaks, 1), "+": breaks}[header["chomping"]]


def _lines_below(lines: list[str], indent: int) -> Iterator[str]:
    """The lines of a block scalar."""
    for line in lines:
        if line and len(line) - len(line.lstrip(" ")) <= indent:
            return
        yield line
