"""All the releases of one chart that were looked at: what they render, and which of them Helm refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart
    from chartgen.errors import RenderError
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.rendering import Rendering
    from chartgen.manifests.switches import Switch


# A namespace no chart names: what renders there renders everywhere.
ELSEWHERE = "chartgen-elsewhere"


@dataclass(frozen=True, slots=True)
class FailedRelease:
    """A release Helm refuses to render; `switched` and `gated` as in Rendering."""

    request: RenderRequest
    label: str
    error: RenderError
    switched: bool | None = None
    gated: bool | None = None

    def is_of_switch(self, others: tuple[FailedRelease, ...]) -> bool:
        """Whether it fails with the canary on and, the values being the same, not with it off."""
        twins = (one for one in others if one.request.sources == self.request.sources)
        return self.switched is True and all(one.switched is True for one in twins)


@dataclass(frozen=True, slots=True)
class Releases:
    """One chart in its releases: switch x gate x values files.

    `namespaces` are those the chart's own gate names, empty without one. `engine` answers what a rule must ask of
    Helm beyond what was rendered.
    """

    chart: Chart
    engine: Engine
    renderings: tuple[Rendering, ...]
    failures: tuple[FailedRelease, ...]
    switch: Switch
    namespaces: tuple[str, ...] = ()

    @property
    def with_canary(self) -> Iterator[Rendering]:
        """The renderings a Canary stands in."""
        return (rendering for rendering in self.renderings if any(rendering.of_kind("Canary")))

    @property
    def at_home(self) -> tuple[Rendering, ...]:
        """The renderings rules about objects look at: not those elsewhere, unless the Canary stands only there."""
        home = tuple(one for one in self.renderings if one.request.namespace != ELSEWHERE)
        return home if any(any(one.of_kind("Canary")) for one in home) else self.renderings

    @property
    def has_canary(self) -> bool:
        """Whether the chart renders a Canary in any release, or means to."""
        return bool(self.switch.sites) or any(True for _ in self.with_canary)
