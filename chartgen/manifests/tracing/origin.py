"""Finds the line of a chart's templates that renders a field.

Candidate values are replaced by marks in memory, Helm renders the chart, and each mark is looked up in the documents.
This doesn't guess from indentation, Helm itself follows each `include`, and a line that renders nothing never matches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.charts.gotemplate.blocks import parse
from chartgen.errors import RenderError
from chartgen.manifests.rendering import render
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.charts.gotemplate.blocks import GoTemplate
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering

KEYS = frozenset({"kind", "name", "namespace", "port", "targetPort", "appProtocol", "containerPort", "replicas"})
_KEY = rf"(?P<quote>[\"']?)(?P<key>{'|'.join(sorted(KEYS))})(?P=quote):[ \t]+"
# The start of a value that isn't a block scalar, an alias, or a flow collection.
_VALUE = r"(?P<value>(?:\{\{|[^\s|>&*\[{#])[^\r\n]*?)(?P<comment>[ \t]+#[^\r\n]*)?[ \t]*\r?$"
# `key: value` at the beginning of a line, or after `{` or `,` in a flow mapping.
_ENTRY = lazy_pattern(rf"(?:^[ \t]*(?:- )?|(?P<flow>[{{,])[ \t]*){_KEY}(?={_VALUE})", re.MULTILINE)
_MARK = lazy_pattern(r"^cg-(\d+)-mark$")
# Text in which brackets and commas have no meaning for YAML.
_OPAQUE = lazy_pattern(r"\{\{.*?\}\}|\"(?:\\.|[^\"\\])*\"|'[^']*'")


@dataclass(frozen=True, slots=True)
class Origin:
    """The template text of a value: the offsets `[start, end)` in the file `path` of the chart.

    `own_line`: the line holds nothing else but its key and a comment.
    """

    path: str
    start: int
    end: int
    text: str
    own_line: bool

    @property
    def key(self) -> tuple[str, int]:
        return self.path, self.start


@dataclass(frozen=True, slots=True)
class Origins:
    """Origins of the rendered fields of one rendering, by (template, document, route)."""

    found: Mapping[tuple[str, int, Route], Origin]

    def of(self, manifest: Manifest, route: Route) -> Origin | None:
        """The origin of the field at `route` of `manifest`, None if no line of the templates writes it."""
        return self.found.get((manifest.template, manifest.document, route))


def trace(engine: Engine, chart: Chart, request: RenderRequest, expected: Rendering) -> Origins:
    """Mark every candidate line of the chart, render it, and find the marks in the documents.

    `expected` is the rendering without marks. If Helm can't render the chart with all marks (a helper may parse a
    name), fewer are set at once, and those that Helm can't render are left out.
    """
    candidates = [list(_candidates(path, chart.text(path))) for path in _template_paths(chart)]
    try:
        marks = [origin for origins in candidates for origin in origins]
        return Origins(_traced(engine, chart, request, expected, marks))
    except RenderError:
        found: dict[tuple[str, int, Route], Origin] = {}
        for origins in candidates:
            found.update(_traced_in_parts(engine, chart, request, expected, origins))
        return Origins(found)


def _traced_in_parts(
    engine: Engine, chart: Chart, request: RenderRequest, expected: Rendering, origins: list[Origin]
) -> dict[tuple[str, int, Route], Origin]:
    """`_traced`, halved where Helm can't render the chart with these marks."""
    try:
        return _traced(engine, chart, request, expected, origins)
    except RenderError:
        if len(origins) <= 1:
            return {}
        middle = len(origins) // 2
        halves = (origins[:middle], origins[middle:])
        return {
            key: origin
            for half in halves
            for key, origin in _traced_in_parts(engine, chart, request, expected, half).items()
        }


def _template_paths(chart: Chart) -> list[str]:
    return sorted(path for path in chart.files if "templates/" in path and path.endswith((".yaml", ".yml", ".tpl")))


def _candidates(path: str, text: str) -> Iterator[Origin]:
    template = parse(text)
    for match in _ENTRY.finditer(text):
        start, length = match.end(), _length_in_flow(match["value"])
        value = match["value"][:length].rstrip()
        own_line = not match["flow"] and length == len(match["value"])
        if value and template.is_balanced(start, start + len(value)) and _is_literal_yaml(template, match.start()):
            yield Origin(path, start, start + len(value), value, own_line)


def _length_in_flow(text: str) -> int:
    """The length of the value at the beginning of `text`: in a flow collection, a `,`, `}`, or `]` ends it."""
    plain = _OPAQUE.sub(lambda match: "x" * len(match.group()), text)
    depth = 0
    for offset, character in enumerate(plain):
        if depth == 0 and character in ",}]":
            return offset
        depth += (character in "{[") - (character in "}]")
    return len(text)


def _is_literal_yaml(template: GoTemplate, offset: int) -> bool:
    return not any(action.start < offset < action.end for action in template.actions)


def _traced(
    engine: Engine, chart: Chart, request: RenderRequest, expected: Rendering, origins: list[Origin]
) -> dict[tuple[str, int, Route], Origin]:
    changed = chart.with_files(_marked(chart, origins))
    rendering = render(engine, changed, request, "marked")
    documents = _same_documents(rendering, expected)
    return {
        (manifest.template, document, route): origins[number]
        for manifest in rendering.manifests
        if (document := documents.get((manifest.template, manifest.document))) is not None
        for route, number in _marks_in(manifest.body, ())
    }


def _same_documents(marked: Rendering, expected: Rendering) -> dict[tuple[str, int], int]:
    """The index in `expected` of each document with marks.

    The helm program sorts documents by kind, and a mark in place of a kind changes the order.
    """
    found: dict[tuple[str, int], int] = {}
    remaining = list(expected.manifests)
    for is_same in (_is_same_in_place, _is_same, _is_in_place):
        for manifest in marked.manifests:
            key = (manifest.template, manifest.document)
            chosen = (
                next((other for other in remaining if is_same(manifest, other)), None) if key not in found else None
            )
            if chosen:
                found[key] = chosen.document
                remaining.remove(chosen)
    return found


def _is_in_place(marked: Manifest, plain: Manifest) -> bool:
    return (marked.template, marked.document) == (plain.template, plain.document)


def _is_same(marked: Manifest, plain: Manifest) -> bool:
    return marked.template == plain.template and _differs_only_in_marks(marked.body, plain.body)


def _is_same_in_place(marked: Manifest, plain: Manifest) -> bool:
    return _is_in_place(marked, plain) and _is_same(marked, plain)


def _differs_only_in_marks(marked: object, plain: object) -> bool:
    if isinstance(marked, str) and _MARK.match(marked):
        return not isinstance(plain, (dict, list))
    if isinstance(marked, dict) and isinstance(plain, dict):
        return marked.keys() == plain.keys() and all(_differs_only_in_marks(marked[key], plain[key]) for key in plain)
    if isinstance(marked, list) and isinstance(plain, list):
        return len(marked) == len(plain) and all(map(_differs_only_in_marks, marked, plain))
    return marked == plain


def _marked(chart: Chart, origins: list[Origin]) -> dict[str, bytes]:
    texts: dict[str, str] = {}
    for number, origin in sorted(enumerate(origins), key=lambda item: item[1].start, reverse=True):
        text = texts.get(origin.path, chart.text(origin.path))
        texts[origin.path] = f"{text[: origin.start]}cg-{number}-mark{text[origin.end :]}"
    return {path: text.encode("utf-8", "surrogateescape") for path, text in texts.items()}


def _marks_in(node: object, route: Route) -> Iterator[tuple[Route, int]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _marks_in(value, (*route, str(key)))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _marks_in(value, (*route, index))
    elif isinstance(node, str):
        match = _MARK.match(node)
        if match:
            yield route, int(match[1])
