"""The manifests that Helm renders for one release of a chart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chartgen.manifests.documents import manifests_of, read_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Rendering:
    """One (chart, request) rendered by Helm. `label` describes the release ("prod, canary on").

    `switched` is True or False if the canary's switch was set in memory, None for the values as they are. `gated` is
    True if the conditions around the Canary name the release's namespace.
    """

    chart: Chart
    request: RenderRequest
    label: str
    texts: Mapping[str, str]
    manifests: tuple[Manifest, ...]
    values: Mapping[str, Any]
    switched: bool | None = None
    gated: bool | None = None
    siblings: tuple[Rendering, ...] = field(default=(), compare=False)

    def of_kind(self, *kinds: str) -> Iterator[Manifest]:
        """The manifests of these kinds, in the order Helm prints them."""
        return (manifest for manifest in self.manifests if manifest.kind in kinds)

    def named(self, kind: str, name: str) -> Manifest | None:
        """The manifest of this kind and name, or None."""
        return next((manifest for manifest in self.of_kind(kind) if manifest.name == name), None)


def render(engine: Engine, chart: Chart, request: RenderRequest, label: str) -> Rendering:
    """One release of `chart`, rendered and read by Helm; raises RenderError."""
    texts = engine.render(chart, request)
    return Rendering(
        chart=chart,
        request=request,
        label=label,
        texts=texts,
        manifests=manifests_of(engine, texts),
        values=read_values(engine, chart, request),
    )
