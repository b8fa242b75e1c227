"""What a fix is tried on: a chart (or a file of plain manifests) in memory, with all its releases as they render."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from chartgen.errors import ConflictError
from chartgen.lint.fixing.yaml_document import EditTarget, manifest_spot, template_spot, values_spot
from chartgen.lint.manifest_files import manifest_releases
from chartgen.manifests.manifest import value_at
from chartgen.manifests.rendering import render
from chartgen.manifests.tracing.provenance import Provenance
from chartgen.manifests.tracing.values_location import values_location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.releases import Releases

_SEPARATOR = re.compile(r"^---(?=\s)", re.MULTILINE)
_SUBCHARTS = "charts/"


class EditableSource(Protocol):
    """Something with releases that can be edited in memory. Every change makes a new bench."""

    @property
    def releases(self) -> Releases: ...
    @property
    def root(self) -> Path:
        """The folder that the paths of `files` are below."""

    @property
    def files(self) -> Mapping[str, bytes]: ...
    def with_files(self, changes: Mapping[str, bytes]) -> EditableSource:
        """The same with these files changed, rendered anew; raises RenderError or ChartError."""

    def in_values(self, rendering: Rendering, manifest: Manifest, route: Route) -> Iterator[EditTarget]:
        """Where the values make a field."""

    def in_templates(self, rendering: Rendering, manifest: Manifest, route: Route) -> Iterator[EditTarget]:
        """Where a template (or a plain manifest) spells a field."""


@dataclass(frozen=True, slots=True)
class EditableChart:
    """A chart with the values files in it; its vendored subcharts are looked at and left alone."""

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
            self.engine, _again(self.engine, self.releases, self.releases.chart.with_files(changes))
        )

    def in_values(self, rendering: Rendering, manifest: Manifest, route: Route) -> Iterator[EditTarget]:
        """See EditableSource. Only a value that is the field as a whole counts."""
        origin = self.provenance.value_route(rendering, manifest, route)
        found = values_location(rendering, origin) if origin else None
        if origin is None or found is None or not found.in_chart or found.path not in self.files:
            return
        if found.path.startswith(_SUBCHARTS):
            return
        field = manifest.get(route)
        if not isinstance(field, (dict, list)) and str(value_at(rendering.values, origin)) != str(field):
            return
        try:
            yield values_spot(found.path, self.files[found.path], origin)
        except ConflictError:
            return

    def in_templates(self, rendering: Rendering, manifest: Manifest, route: Route) -> Iterator[EditTarget]:
        """See EditableSource. Items of a list are counted from the key above them."""
        named = route
        while named and isinstance(named[-1], int):
            named = named[:-1]
        place = self.provenance.locate_in_templates(rendering, manifest, named) if named else None
        if place is None or not place.exact or place.path.startswith(_SUBCHARTS):
            return
        try:
            text = self.releases.chart.text(place.path)
            spot = template_spot(place.path, text, place.position)
        except ConflictError:
            return
        found = spot.below([step for step in route[len(named) :] if isinstance(step, int)])
        if found is not None:
            yield found


def _again(engine: Engine, releases: Releases, chart: Chart) -> Releases:
    """The same releases of the changed chart."""
    fresh = [
        replace(render(engine, chart, _edited(one.request, chart), one.label), switched=one.switched, gated=one.gated)
        for one in releases.renderings
    ]
    siblings = tuple(replace(one, siblings=tuple(other for other in fresh if other is not one)) for one in fresh)
    return replace(releases, chart=chart, renderings=siblings)


def _edited(request: RenderRequest, chart: Chart) -> RenderRequest:
    """The request with its values files read as the chart in memory has them."""
    inside = {str(chart.root / path): path for path in chart.files if path.endswith((".yaml", ".yml"))}
    edited = tuple(
        (file, chart.text(inside[name]).removeprefix("\ufeff"))
        for file in request.sources.files
        if (name := str(Path(file))) in inside
    )
    kept = tuple(one for one in request.sources.edited if one[0] not in dict(edited))
    return replace(request, sources=replace(request.sources, edited=(*kept, *edited))) if edited else request


@dataclass(frozen=True, slots=True)
class EditableManifests:
    """A file of plain manifests: what is written is what is rendered."""

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
            yield manifest_spot(self.path.name, self.data, start, mark.start() if mark else len(text), route)
        except ConflictError:
            return
