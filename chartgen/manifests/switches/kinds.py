"""Where the templates of a chart and its subcharts write a kind, the keys of a subchart's values, and what renders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chartgen.charts.gotemplate.blocks import GoTemplate, parse
from chartgen.errors import InputError, RenderError
from chartgen.inputs.files import text_of
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest

SUBCHART = lazy_pattern(r"^charts/([^/]+)/")


def kind_lines(chart: Chart, kind: str) -> Iterator[tuple[str, GoTemplate, int]]:
    """Every line `kind: <kind>` in the templates of the chart and its subcharts: file, template, and offset."""
    line = re.compile(rf"^[ \t]*kind:[ \t]*[\"']?{kind}\b", re.MULTILINE)
    for path in sorted(chart.files):
        if "templates/" not in path:
            continue
        text = chart.text(path)
        offsets = [match.start() for match in line.finditer(text)]
        if offsets:
            template = parse(text)
            yield from ((path, template, offset) for offset in offsets)


def subchart_keys(chart: Chart, path: str) -> tuple[str, ...]:
    """The keys of the values that lead to those of the subchart with this file; none for the chart itself."""
    names: list[str] = []
    rest = path
    while match := SUBCHART.match(rest):
        names.append(_values_key(chart, path[: len(path) - len(rest)], match[1]))
        rest = rest[match.end() :]
    return tuple(names)


def _values_key(chart: Chart, parent: str, name: str) -> str:
    """The key of the subchart's values in those of its parent: its `alias:`, or its name."""
    for dependency in declared_dependencies(chart, parent):
        if dependency.get("name") == name and dependency.get("alias"):
            return str(dependency["alias"])
    return name


def declared_dependencies(chart: Chart, parent: str) -> list[dict[str, Any]]:
    """The entries of `dependencies` in the (sub)chart at `parent`, a path in the chart that is empty or ends in `/`."""
    found: list[dict[str, Any]] = []
    for file in ("Chart.yaml", "requirements.yaml"):
        data = chart.files.get(parent + file, b"")
        if b"dependencies" in data or b"\\" in data:  # an escape may spell the key, too
            from chartgen.inputs.yaml import yaml_document

            try:
                content = yaml_document(text_of(data, file))
            except InputError:
                continue
            declared = content.get("dependencies") if isinstance(content, dict) else None
            dependencies = declared if isinstance(declared, list) else []
            found += [dependency for dependency in dependencies if isinstance(dependency, dict)]
    return found


def renders_canary(texts: Mapping[str, str], kind: str = "Canary") -> bool:
    """Whether rendered texts contain an object of `kind`."""
    spelled = re.compile(rf"^[ \t]*[\"']?kind[\"']?:[ \t]*[\"']?{kind}\b", re.MULTILINE)
    return any(spelled.search(text) for text in texts.values())


def may_render_canary(engine: Engine, chart: Chart, request: RenderRequest) -> bool:
    """Whether the release renders a Canary, or fails to render."""
    try:
        return renders_canary(engine.render(chart, request))
    except RenderError:
        return True
