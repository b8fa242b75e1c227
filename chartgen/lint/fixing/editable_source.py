"""A chart, or a file of plain manifests, that fixes edit in memory, with all its rendered releases."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from chartgen.errors import ConflictError
from chartgen.lint.fixing.yaml_document import EditTarget, find_manifest_target, find_template_target, find_value_target
from chartgen.lint.manifest_files import manifest_releases
from chartgen.manifests.manifest import value_at
from chartgen.manifests.rendering import render
from chartgen.manifests.tracing.provenance import Provenance
from chartgen.manifests.tracing.values_location import values_location
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.releases import Releases

_SEPARATOR = lazy_pattern(r"^---(?=\s)", re.MULTILINE)
_SUBCHARTS = "charts/"


class EditableSource(Protocol):
    """A source of releases that can be edited in memory. Every change makes a new one."""

    @property
    def releases(self) -> Releases: ...
    @property
    def root(self) -> Path:
        """The folder that the paths of `files` are below."""

    @property
    def files(self) -> Mapping[str, bytes]: ...
    def with_files(self, changes: Mapping[str, bytes]) -> EditableSource:
        """A copy with these files changed, rendered again; raises RenderError or ChartError."""

    def in_values(self, rendering: Rendering, manifest: Manifest, route: Route) -> Iterator[EditTarget]:
        """The values that a field comes from."""

    def in_templates(self, rendering: Rendering, manifest: Manifest, route: Route) -> Iterator[EditTarget]:
        """The places in a template, or in a plain manifest, that write a field."""


@dataclass(frozen=True, slots=True)
class EditableChart:
    """A chart with its values files; vendored subcharts are read but never edited."""

    engine: Engine
    releases: Releases
    provenance: Provenance

    @classmethod
    def of(cls, engine: Engine, releases: Releases) -> EditableChart:
        return cls(engine, releases, Provenance(engine))

    @property
    def root(self) -> Path:
        return self.releases.chart.root

    @property
    def files(self) -> Mapping[str, bytes]:
        return self.releases.chart.files

    def with_files(self, changes: Mapping[str, bytes]) -> EditableChart:
        """See EditableSource."""
        return EditableChart.of(
            self.engine, _rerender(self.engine, self.releases, self.releases.chart.with_files(changes))
        )

    def in_values(self, rendering: Rendering, manifest: Manifest, route: Route) -> Iterator[EditTarget]:
        """See EditableSource. A value counts only if it is the whole field."""
        origin = self.provenance.value_route(rendering, manifest, route)
        location = values_location(rendering, origin) if origin else None
        if origin is None or location is None or not location.in_chart or location.path not in self.files:
            return
        if location.path.startswith(_SUBCHARTS):
            return
        field = manifest.get(route)
        if not isinstance(field, (dict, list)) and str(value_at(rendering.values, origin)) != str(field):
            return
        try:
            yield find_value_target(location.path, self.files[location.path], origin)
        except ConflictError:
            return

    def in_templates(self, rendering: Rendering, manifest: Manifest, route: Route) -> Iterator[EditTarget]:
        """See EditableSource. The key above a list item is located first, then the item below it."""
        key_route = route
        while key_route and isinstance(key_route[-1], int):
            key_route = key_route[:-1]
        location = self.provenance.locate_in_templates(rendering, manifest, key_route) if key_route else None
        if location is None or not location.exact or location.path.startswith(_SUBCHARTS):
            return
        try:
            text = self.releases.chart.text(location.path)
            key_target = find_template_target(location.path, text, location.position)
        except ConflictError:
            return
        target = key_target.below([step for step in route[len(key_route) :] if isinstance(step, int)])
        if target is not None:
            yield target


def _rerender(engine: Engine, releases: Releases, chart: Chart) -> Releases:
    """The same releases of the changed chart."""
    renderings = [
        replace(
            render(engine, chart, _with_edited_values(before.request, chart), before.label),
            switched=before.switched,
            gated=before.gated,
        )
        for before in releases.renderings
    ]
    with_siblings = tuple(
        replace(rendering, siblings=tuple(other for other in renderings if other is not rendering))
        for rendering in renderings
    )
    return releases._replace(chart=chart, renderings=with_siblings)


def _with_edited_values(request: RenderRequest, chart: Chart) -> RenderRequest:
    """The request with its values files as the chart in memory has them."""
    inside = {str(chart.root / path): path for path in chart.files if path.endswith((".yaml", ".yml"))}
    edited = tuple(
        (file, chart.text(inside[name]).removeprefix("\ufeff"))
        for file in request.sources.files
        if (name := str(Path(file))) in inside
    )
    unchanged = tuple((file, text) for file, text in request.sources.edited if file not in dict(edited))
    return replace(request, sources=request.sources._replace(edited=(*unchanged, *edited))) if edited else request


@dataclass(frozen=True, slots=True)
class EditableManifests:
    """A file of plain manifests, which render as they are written."""

    engine: Engine
    releases: Releases
    path: Path
    data: bytes
    namespace: str

    @property
    def root(self) -> Path:
        return self.path.parent

    @property
    def files(self) -> Mapping[str, bytes]:
        return {self.path.name: self.data}

    def with_files(self, changes: Mapping[str, bytes]) -> EditableManifests:
        """See EditableSource."""
        data = changes.get(self.path.name, self.data)
        name = self.releases.renderings[0].chart.root.as_posix()
        releases = manifest_releases(self.engine, data.decode("utf-8-sig"), name, self.namespace)
        return replace(self, releases=releases, data=data)

    def in_values(self, rendering: Rendering, manifest: Manifest, route: Route) -> Iterator[EditTarget]:  # noqa: ARG002
        """There are no values."""
        return iter(())

    def in_templates(self, rendering: Rendering, manifest: Manifest, route: Route) -> Iterator[EditTarget]:  # noqa: ARG002
        """See EditableSource."""
        text = self.data.decode("utf-8")
        start = 0
        for _ in range(manifest.line - 1):
            start = text.index("\n", start) + 1
        mark = _SEPARATOR.search(text, start)
        try:
            yield find_manifest_target(self.path.name, self.data, start, mark.start() if mark else len(text), route)
        except ConflictError:
            return
