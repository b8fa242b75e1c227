"""A canary switch that changes other objects, but doesn't remove the Canary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.errors import RenderError
from chartgen.manifests.rendering import render
from chartgen.patterns import lazy_pattern
from chartgen.rules.rule import ChartRule, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.releases import Releases


_SWITCH = ("enable", "enabled")
_CANARY_KEY = lazy_pattern(r"^(canary|flagger)$", re.IGNORECASE)


class ToggleDoesNotRemoveCanary(ChartRule):
    id = "toggle-does-not-remove-canary"
    severity = Severity.ERROR
    summary = "canary switch that doesn't remove the Canary"
    tags = ("gating", "values")

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        if not releases.switch.on_by_default or releases.switch.off is not None or not releases.renderings:
            return
        rendering = releases.renderings[0]
        for key, block in rendering.values.items():
            for name in _SWITCH if _CANARY_KEY.match(str(key)) and isinstance(block, dict) else ():
                if isinstance(block.get(name), bool) and self._leaves_canary(releases, rendering, str(key), name):
                    yield Problem(
                        f"{key}.{name} changes other objects, but the Canary renders whatever its value",
                        values_route=(key, name),
                        releases=(rendering.label,),
                    )

    def _leaves_canary(self, releases: Releases, rendering: Rendering, key: str, name: str) -> bool:
        """Whether flipping the switch changes the rendering but removes no Canary: each may have its own switch."""
        request = rendering.request.over({key: {name: not rendering.values[key][name]}})
        try:
            flipped = render(releases.engine, releases.chart, request, rendering.label)
        except RenderError:
            return False
        return _canaries(rendering) <= _canaries(flipped) and flipped.texts != rendering.texts


def _canaries(rendering: Rendering) -> set[tuple[str | None, str]]:
    return {(canary.namespace, canary.name) for canary in rendering.of_kind("Canary")}
