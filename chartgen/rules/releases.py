"""The checked releases of one chart: what they render, and which of them fail to render."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chartgen.helm.request import ELSEWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart
    from chartgen.errors import LimitExceeded, RenderError
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.rendering import Rendering
    from chartgen.manifests.switches.switch import Switch


class FailedRelease(NamedTuple):
    """A release that Helm fails to render; `switched` and `gated` as in Rendering."""

    request: RenderRequest
    label: str
    error: RenderError
    switched: bool | None = None
    gated: bool | None = None

    def is_caused_by_switch(self, failures: tuple[FailedRelease, ...]) -> bool:
        """Whether it fails with the canary on, but not with the same values and the canary off."""
        same_values = (failure for failure in failures if failure.request.sources == self.request.sources)
        return self.switched is True and all(failure.switched is True for failure in same_values)


class Releases(NamedTuple):
    """The releases of one chart: switch x gate x values files.

    `namespaces` are those that the chart's own gate names, empty without a gate. `engine` is for rules that need to
    render more than `renderings`. `exceeded`: the chart exceeds a rendering limit and has no renderings.
    """

    chart: Chart
    engine: Engine
    renderings: tuple[Rendering, ...]
    failures: tuple[FailedRelease, ...]
    switch: Switch
    namespaces: tuple[str, ...] = ()
    exceeded: LimitExceeded | None = None

    @property
    def with_canary(self) -> Iterator[Rendering]:
        """The renderings that contain a Canary."""
        return (rendering for rendering in self.renderings if any(rendering.of_kind("Canary")))

    @property
    def checked_renderings(self) -> tuple[Rendering, ...]:
        """Those that rules about objects check: without those in ELSEWHERE, unless only they contain the Canary."""
        home = tuple(rendering for rendering in self.renderings if rendering.request.namespace != ELSEWHERE)
        return home if any(any(rendering.of_kind("Canary")) for rendering in home) else self.renderings

    @property
    def has_canary(self) -> bool:
        """Whether a release renders a Canary, or a template contains one."""
        return bool(self.switch.sites) or any(True for _ in self.with_canary)
