"""Which line of which file made a rendered field: found by asking Helm.

A value is traced by changing candidates in memory and rendering again: the one that moves the field made it. A key is
traced by marking every place of the templates that spells it and looking which mark comes out. Only asked when there
is something to tell, and remembered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.charts.gotemplate.blocks import parse
from chartgen.charts.positions import Position
from chartgen.errors import InputError, RenderError
from chartgen.manifests.documents import manifests_of, read_bounded
from chartgen.manifests.manifest import value_at
from chartgen.manifests.tracing.values_origin import blanks, candidates, changed, overlay_for, shows_change
from chartgen.manifests.tracing.values_place import values_place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering

_MARK = "zzchartgen"
_MOST_CANDIDATES = 12
_MOST_BLANKS = 40


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A place in a source. `path` is below the chart, or as given where `in_chart` is False (a `-f` file).

    `values_route` is the value that made the field, where one did. `exact` is False where only the file is sure.
    """

    path: str
    position: Position
    in_chart: bool = True
    values_route: Route | None = None
    exact: bool = True


class Provenance:
    """Asks one engine, and remembers the answers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rendered: dict[tuple[int, str], tuple[Manifest, ...] | None] = {}
        self._marked: dict[tuple[int, str, bool], _Marked | None] = {}
        self._kept: list[Rendering] = []

    def place(self, rendering: Rendering, manifest: Manifest, route: Route, *, blank: bool = False) -> SourceLocation:
        """The place of the cause of `route`; where the field is not there, that of what would hold it.

        `blank`: the cause is a value that is empty.
        """
        if not any(rendering is kept for kept in self._kept):
            self._kept.append(rendering)  # `id` stays its own while it is kept
        settled = _settled(manifest, route)
        left_out = self._from_blank(rendering, manifest, settled) if blank and settled == route else None
        if left_out:
            return left_out
        while settled:
            if blank and (found := self._from_template(rendering, manifest, settled)):
                return found
            found = self._from_values(rendering, manifest, settled) or self._from_template(rendering, manifest, settled)
            if found:
                return found
            settled = settled[:-1]
        found = self._from_template(rendering, manifest, ("kind",))
        path = path_in_chart(rendering.chart, manifest.template)
        return found or SourceLocation(path, Position(1, 1, 1, 1), exact=False)

    def value_route(self, rendering: Rendering, manifest: Manifest, route: Route) -> Route | None:
        """The route in the values of the value that makes the field at `route`, None where none does."""
        field = manifest.get(route)
        if field is None:
            return None
        ranked = candidates(rendering.values, field, route)[:_MOST_CANDIDATES]
        return next((one for one in ranked if self._moves(rendering, manifest, route, one)), None)

    def _moves(self, rendering: Rendering, manifest: Manifest, route: Route, candidate: Route) -> bool:
        """Whether another value at `candidate` shows in the field."""
        now = value_at(rendering.values, candidate)
        overlay = overlay_for(rendering.values, candidate, changed(now))
        twin = _twin(self._again(rendering, rendering.request.over(overlay), repr(candidate)), manifest)
        return twin is not None and shows_change(manifest.get(route), twin.get(route), now)

    def _from_blank(self, rendering: Rendering, manifest: Manifest, route: Route) -> SourceLocation | None:
        known = (*blanks(rendering.values, route), *blanks(self._defaults(rendering.chart), route))
        for candidate in tuple(dict.fromkeys(known))[:_MOST_BLANKS]:
            if self._moves(rendering, manifest, route, candidate):
                found = values_place(rendering, candidate)
                return SourceLocation(found.path, found.position, found.in_chart, candidate) if found else None
        return None

    def _defaults(self, chart: Chart) -> Mapping[str, Any]:
        """values.yaml as it is written: Helm 4.2 and later drop its nulls."""
        try:
            read = read_bounded(self._engine, chart.text("values.yaml")) if "values.yaml" in chart.files else None
        except (RenderError, InputError):
            return {}
        return read if isinstance(read, dict) else {}

    def template_place(self, rendering: Rendering, manifest: Manifest, route: Route) -> SourceLocation | None:
        """The place of the key in the templates that comes out at `route`, None where none does."""
        return self._from_template(rendering, manifest, route)

    def _from_values(self, rendering: Rendering, manifest: Manifest, route: Route) -> SourceLocation | None:
        origin = self.value_route(rendering, manifest, route)
        if origin is None:
            return None
        found = values_place(rendering, origin)
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
        """Render with each `key:` of the templates (or of the manifest's own only) made recognisable."""
        asked = (id(rendering), f"{key}|{'' if everywhere else manifest.template}", everywhere)
        if asked not in self._marked:
            own = path_in_chart(rendering.chart, manifest.template)
            chart, places = _with_marks(rendering.chart, key, None if everywhere else own)
            manifests = self._manifests(chart, rendering.request) if places else None
            self._marked[asked] = _Marked(key, places, manifests) if manifests is not None else None
        return self._marked[asked]

    def _again(self, rendering: Rendering, request: RenderRequest, what: str) -> tuple[Manifest, ...] | None:
        asked = (id(rendering), what)
        if asked not in self._rendered:
            self._rendered[asked] = self._manifests(rendering.chart, request)
        return self._rendered[asked]

    def _manifests(self, chart: Chart, request: RenderRequest) -> tuple[Manifest, ...] | None:
        try:
            return manifests_of(self._engine, self._engine.render(chart, request))
        except RenderError:
            return None


@dataclass(frozen=True, slots=True)
class _Marked:
    key: str
    places: list[SourceLocation]
    manifests: tuple[Manifest, ...]

    def mark_at(self, manifest: Manifest, route: Route) -> SourceLocation | None:
        twin = _twin(self.manifests, manifest)
        node: Any = twin.body if twin else None
        for step in route[:-1]:
            node = self._step(node, step)
        for name in node if isinstance(node, dict) else ():
            if str(name).startswith(self.key + _MARK):
                return self.places[int(str(name)[len(self.key + _MARK) :])]
        return None

    def _step(self, node: Any, step: str | int) -> Any:
        if isinstance(node, dict) and step not in node:
            step = next((name for name in node if str(name).startswith(f"{step}{_MARK}")), step)
        return value_at(node, (step,))


def path_in_chart(chart: Chart, template: str) -> str:
    """`templates/canary.yaml` of Helm's `mychart/templates/canary.yaml`."""
    return template.removeprefix(f"{chart.name}/")


def _settled(manifest: Manifest, route: Route) -> Route:
    """The longest beginning of `route` that is there."""
    missing = object()
    while route and manifest.get(route, missing) is missing:
        route = route[:-1]
    return route


def _twin(manifests: tuple[Manifest, ...] | None, manifest: Manifest) -> Manifest | None:
    """The same document in another rendering."""
    return next(
        (one for one in manifests or () if (one.template, one.document) == (manifest.template, manifest.document)), None
    )


def _with_marks(chart: Chart, key: str, only: str | None) -> tuple[Chart, list[SourceLocation]]:
    """The chart with the n-th `key:` of its templates renamed to `key<mark>n`, and the n-th's place."""
    spelled = re.compile(rf"(?<![\w.$\"'/-])([\"']?){re.escape(key)}\1[ \t]*:(?=[\s{{\[]|$)", re.MULTILINE)
    places: list[SourceLocation] = []
    files: dict[str, bytes] = {}
    for path in sorted(chart.files):
        if "templates/" not in path or (only is not None and path != only):
            continue
        text = chart.text(path)
        if key not in text:
            continue
        actions = parse(text).actions
        pieces, last = [], 0
        for match in spelled.finditer(text):
            if any(action.start <= match.start() < action.end for action in actions):
                continue
            start = match.start() + len(match[1])
            pieces += [text[last:start], f"{key}{_MARK}{len(places)}"]
            last = start + len(key)
            places.append(SourceLocation(path, _position(text, match.start(), len(key) + 2 * len(match[1]))))
        if pieces:
            files[path] = ("".join(pieces) + text[last:]).encode("utf-8", errors="surrogateescape")
    return replace(chart, files={**chart.files, **files}), places


def _position(text: str, offset: int, length: int) -> Position:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return Position(line, column, line, column + length)
