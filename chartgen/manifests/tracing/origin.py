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

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.charts.gotemplate.blocks import GoTemplate
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering

# `key: value` on a line of its own. The value isn't the start of a block scalar or of a flow collection.
_LINE = re.compile(
    r"^(?P<lead>[ \t]*(?:- )?(?P<key>[A-Za-z]+):[ \t]+)(?P<value>[^\s|>&*\[#].*?)"
    r"(?P<comment>[ \t]+#[^\r\n]*)?[ \t]*\r?$",
    re.MULTILINE,
)
_MARK = re.compile(r"^cg-(\d+)-mark$")
KEYS = frozenset({"kind", "name", "namespace", "port", "targetPort", "appProtocol", "containerPort", "replicas"})


@dataclass(frozen=True, slots=True)
class Origin:
    """The template text of a value: the offsets `[start, end)` in the file `path` of the chart.

    `lead` is the text of the line before the value.
    """

    path: str
    start: int
    end: int
    text: str
    lead: str

    @property
    def key(self) -> tuple[str, int]:
        return self.path, self.start


@dataclass(frozen=True, slots=True)
class Origins:
    """Origins of the rendered fields of one rendering, by (template, document, route)."""

    found: Mapping[tuple[str, int, Route], Origin]

    def of(self, manifest: Manifest, route: Route) -> Origin | None:
        """The origin of the field at `route` of `manifest`, None if it isn't on a line of its own."""
        return self.found.get((manifest.template, manifest.document, route))


def trace(engine: Engine, chart: Chart, request: RenderRequest, expected: Rendering) -> Origins:
    """Mark every candidate line of the chart, render it, and find the marks in the documents.

    `expected` is the rendering without marks. If Helm can't render the chart with all marks (a helper may parse a
    name), each file is marked separately, and those that Helm can't render are left out.
    """
    candidates = {path: list(_candidates(path, chart.text(path))) for path in _template_paths(chart)}
    marks = [origin for origins in candidates.values() for origin in origins]
    try:
        return Origins(_traced(engine, chart, request, expected, marks))
    except RenderError:
        found: dict[tuple[str, int, Route], Origin] = {}
        for origins in candidates.values():
            try:
                found.update(_traced(engine, chart, request, expected, origins))
            except RenderError:
                continue
        return Origins(found)


def _template_paths(chart: Chart) -> list[str]:
    return sorted(path for path in chart.files if "templates/" in path and path.endswith((".yaml", ".yml", ".tpl")))


def _candidates(path: str, text: str) -> Iterator[Origin]:
    template = parse(text)
    for match in _LINE.finditer(text):
        start, end = match.span("value")
        if match["key"] in KEYS and template.is_balanced(start, end) and _is_literal_yaml(template, match.start()):
            yield Origin(path, start, end, match["value"], match["lead"])


def _is_literal_yaml(template: GoTemplate, offset: int) -> bool:
    return not any(action.start < offset < action.end for action in template.actions)


def _traced(
    engine: Engine, chart: Chart, request: RenderRequest, expected: Rendering, origins: list[Origin]
) -> dict[tuple[str, int, Route], Origin]:
    changed = chart.with_files(_marked(chart, origins))
    rendering = render(engine, changed, request, "marked")
    documents = {(manifest.template, manifest.document) for manifest in expected.manifests}
    return {
        (manifest.template, manifest.document, route): origins[number]
        for manifest in rendering.manifests
        if (manifest.template, manifest.document) in documents
        for route, number in _marks_in(manifest.body, ())
    }


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
