"""The manifests that Helm renders for one release of a chart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chartgen.errors import RenderError
from chartgen.manifests.documents import manifests_of, manifests_of_each, read_values

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
    True if the conditions around the Canary name the release's namespace. `invented`: some of its values are those
    that lint tries, and no release need have them.
    """

    chart: Chart
    request: RenderRequest
    label: str
    texts: Mapping[str, str]
    manifests: tuple[Manifest, ...]
    values: Mapping[str, Any]
    switched: bool | None = None
    gated: bool | None = None
    invented: bool = False
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


def render_each(engine: Engine, chart: Chart, requests: list[RenderRequest]) -> list[Rendering | RenderError]:
    """The rendering of each request, labelled by its release, or its RenderError; Helm reads all documents at once."""
    printed = [_texts_of(engine, chart, request) for request in requests]
    texts = [each for each in printed if not isinstance(each, RenderError)]
    read = iter(manifests_of_each(engine, texts))
    results: list[Rendering | RenderError] = []
    for request, each in zip(requests, printed, strict=True):
        manifests = each if isinstance(each, RenderError) else next(read)
        results.append(_rendering(engine, chart, request, each, manifests))
    return results


def _texts_of(engine: Engine, chart: Chart, request: RenderRequest) -> Mapping[str, str] | RenderError:
    try:
        return engine.render(chart, request)
    except RenderError as error:
        return error


def _rendering(
    engine: Engine,
    chart: Chart,
    request: RenderRequest,
    texts: Mapping[str, str] | RenderError,
    manifests: tuple[Manifest, ...] | RenderError,
) -> Rendering | RenderError:
    if isinstance(texts, RenderError):
        return texts
    if isinstance(manifests, RenderError):
        return manifests
    try:
        values = read_values(engine, chart, request)
    except RenderError as error:
        return error
    return Rendering(chart, request, request.release_name, texts, manifests, values)
