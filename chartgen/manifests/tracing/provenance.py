"""Finds the file and line that rendered a field, with Helm.

To trace a value, candidates are changed in memory and rendered again: the one that changes the field rendered it. To
trace a key, each occurrence of it in the templates is marked and the marks are looked up in the rendering. This happens
only for fields with a problem, and results are cached.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.charts.gotemplate.blocks import parse
from chartgen.charts.positions import Position
from chartgen.errors import InputError, RenderError
from chartgen.manifests.documents import manifests_of, read_bounded
from chartgen.manifests.manifest import value_at
from chartgen.manifests.tracing.values_location import values_location
from chartgen.manifests.tracing.values_origin import candidates, changed, empty_candidates, overlay_for, shows_change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering

_MARK = "zzchartgen"
_MOST_CANDIDATES = 12
_MOST_EMPTY = 40


class SourceLocation(NamedTuple):
    """A position in a file. `path` is relative to the chart, or as given if `in_chart` is False (a `-f` file).

    `values_route` is the route of the value that rendered the field, None if no value did. `exact` is False if only the
    file is known, not the position.
    """

    path: str
    position: Position
    in_chart: bool = True
    values_route: Route | None = None
    exact: bool = True


class Provenance:
    """Traces fields with one engine and caches the results."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rendered: dict[tuple[int, str], tuple[Manifest, ...] | None] = {}
        self._marked: dict[tuple[int, str, bool], _Marked | None] = {}
        self._kept: list[Rendering] = []

    def locate(self, rendering: Rendering, manifest: Manifest, route: Route, *, blank: bool = False) -> SourceLocation:
        """The location that rendered the field at `route`, or its closest parent if the field isn't rendered.

        `blank`: an empty value may have removed something from the field.
        """
        if not any(rendering is kept for kept in self._kept):
            self._kept.append(rendering)  # its `id` is a key of the caches
        existing = _existing(manifest, route)
        empty_value = self._from_empty_value(rendering, manifest, existing) if blank and existing == route else None
        if empty_value:
            return empty_value
        while existing:
            if blank and (found := self._from_template(rendering, manifest, existing)):
                return found
            found = self._from_values(rendering, manifest, existing) or self._from_template(
                rendering, manifest, existing
            )
            if found:
                return found
            existing = existing[:-1]
        found = self._from_template(rendering, manifest, ("kind",))
        path = path_in_chart(rendering.chart, manifest.template)
        return found or SourceLocation(path, Position(1, 1, 1, 1), exact=False)

    def value_route(self, rendering: Rendering, manifest: Manifest, route: Route) -> Route | None:
        """The route of the value that renders the field at `route`, None if no value does."""
        field = manifest.get(route)
        if field is None:
            return None
        ranked = candidates(rendering.values, field, route)[:_MOST_CANDIDATES]
        return next((candidate for candidate in ranked if self._changes(rendering, manifest, route, candidate)), None)

    def _changes(self, rendering: Rendering, manifest: Manifest, route: Route, candidate: Route) -> bool:
        """Whether changing the value at `candidate` changes the field at `route`."""
        value = value_at(rendering.values, candidate)
        overlay = overlay_for(rendering.values, candidate, changed(value))
        manifests = self._rendered_again(rendering, rendering.request.over(overlay), repr(candidate))
        changed_manifest = _same_document(manifests, manifest)
        return changed_manifest is not None and shows_change(manifest.get(route), changed_manifest.get(route), value)

    def _from_empty_value(self, rendering: Rendering, manifest: Manifest, route: Route) -> SourceLocation | None:
        defaults = self._defaults(rendering.chart)
        ranked = (*empty_candidates(rendering.values, route), *empty_candidates(defaults, route))
        for candidate in tuple(dict.fromkeys(ranked))[:_MOST_EMPTY]:
            if self._changes(rendering, manifest, route, candidate):
                found = values_location(rendering, candidate)
                return SourceLocation(found.path, found.position, found.in_chart, candidate) if found else None
        return None

    def _defaults(self, chart: Chart) -> Mapping[str, Any]:
        """values.yaml with its nulls, which Helm 4.2 and later drop from the values."""
        try:
            has_values = "values.yaml" in chart.files
            values = read_bounded(self._engine, chart.text("values.yaml")) if has_values else None
        except (RenderError, InputError):
            return {}
        return values if isinstance(values, dict) else {}

    def locate_in_templates(self, rendering: Rendering, manifest: Manifest, route: Route) -> SourceLocation | None:
        """The location of the key in the templates that renders `route`, None if there is none."""
        return self._from_template(rendering, manifest, route)

    def _from_values(self, rendering: Rendering, manifest: Manifest, route: Route) -> SourceLocation | None:
        origin = self.value_route(rendering, manifest, route)
        if origin is None:
            return None
        found = values_location(rendering, origin)
        return SourceLocation(found.path, found.position, found.in_chart, origin) if found else None

    def _from_template(self, rendering: Rendering, manifest: Manifest, route: Route) -> SourceLocation | None:
        if isinstance(route[-1], int):
            item = manifest.get(route)
            if not isinstance(item, dict) or not item:
                return None
            return self._from_template(rendering, manifest, (*route, next(iter(item))))
        for everywhere in (True, False):
            marked = self._mark(rendering, manifest, str(route[-1]), everywhere=everywhere)
            found = marked.mark_at(manifest, route) if marked else None
            if found:
                return found
        return None

    def _mark(self, rendering: Rendering, manifest: Manifest, key: str, *, everywhere: bool) -> _Marked | None:
        """The rendering with a mark on each `key:` of the templates, or of the manifest's own template only."""
        cache_key = (id(rendering), f"{key}|{'' if everywhere else manifest.template}", everywhere)
        if cache_key not in self._marked:
            own = path_in_chart(rendering.chart, manifest.template)
            chart, locations = _with_marks(rendering.chart, key, None if everywhere else own)
            manifests = self._manifests(chart, rendering.request) if locations else None
            self._marked[cache_key] = _Marked(key, locations, manifests) if manifests is not None else None
        return self._marked[cache_key]

    def _rendered_again(
        self, rendering: Rendering, request: RenderRequest, candidate: str
    ) -> tuple[Manifest, ...] | None:
        cache_key = (id(rendering), candidate)
        if cache_key not in self._rendered:
            self._rendered[cache_key] = self._manifests(rendering.chart, request)
        return self._rendered[cache_key]

    def _manifests(self, chart: Chart, request: RenderRequest) -> tuple[Manifest, ...] | None:
        try:
            return manifests_of(self._engine, self._engine.render(chart, request))
        except RenderError:
            return None


class _Marked(NamedTuple):
    """The manifests of a chart whose n-th `key:` is marked with n, and the location of each mark."""

    key: str
    locations: list[SourceLocation]
    manifests: tuple[Manifest, ...]

    def mark_at(self, manifest: Manifest, route: Route) -> SourceLocation | None:
        marked_manifest = _same_document(self.manifests, manifest)
        node: Any = marked_manifest.body if marked_manifest else None
        for step in route[:-1]:
            node = self._step(node, step)
        for name in node if isinstance(node, dict) else ():
            if str(name).startswith(self.key + _MARK):
                return self.locations[int(str(name)[len(self.key + _MARK) :])]
        return None

    def _step(self, node: Any, step: str | int) -> Any:
        if isinstance(node, dict) and step not in node:
            step = next((name for name in node if str(name).startswith(f"{step}{_MARK}")), step)
        return value_at(node, (step,))


def path_in_chart(chart: Chart, template: str) -> str:
    """`templates/canary.yaml` of Helm's `mychart/templates/canary.yaml`."""
    return template.removeprefix(f"{chart.name}/")


def _existing(manifest: Manifest, route: Route) -> Route:
    """The longest beginning of `route` that exists in the manifest."""
    missing = object()
    while route and manifest.get(route, missing) is missing:
        route = route[:-1]
    return route


def _same_document(manifests: tuple[Manifest, ...] | None, manifest: Manifest) -> Manifest | None:
    """The same document in another rendering, None if it isn't rendered there."""
    key = (manifest.template, manifest.document)
    return next((other for other in manifests or () if (other.template, other.document) == key), None)


def _with_marks(chart: Chart, key: str, only: str | None) -> tuple[Chart, list[SourceLocation]]:
    """The chart with the n-th `key:` of its templates renamed to `key<mark>n`, and the location of each."""
    occurrence = re.compile(rf"(?<![\w.$\"'/-])([\"']?){re.escape(key)}\1[ \t]*:(?=[\s{{\[]|$)", re.MULTILINE)
    locations: list[SourceLocation] = []
    files: dict[str, bytes] = {}
    for path in sorted(chart.files):
        if "templates/" not in path or (only is not None and path != only):
            continue
        text = chart.text(path)
        if key not in text:
            continue
        actions = parse(text).actions
        pieces, last = [], 0
        for match in occurrence.finditer(text):
            if any(action.start <= match.start() < action.end for action in actions):
                continue
            start = match.start() + len(match[1])
            pieces += [text[last:start], f"{key}{_MARK}{len(locations)}"]
            last = start + len(key)
            locations.append(SourceLocation(path, _position(text, match.start(), len(key) + 2 * len(match[1]))))
        if pieces:
            files[path] = ("".join(pieces) + text[last:]).encode("utf-8", errors="surrogateescape")
    return replace(chart, files={**chart.files, **files}), locations


def _position(text: str, offset: int, length: int) -> Position:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return Position(line, column, line, column + length)
