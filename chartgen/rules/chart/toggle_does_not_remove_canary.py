"""The canary's switch turns something, but not the Canary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.errors import RenderError
from chartgen.manifests.switches.switch import renders_canary
from chartgen.rules.rule import ChartRule, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.releases import Releases


_SWITCH = ("enable", "enabled")
_ABOUT = re.compile(r"^(canary|flagger)$", re.IGNORECASE)


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
            for name in _SWITCH if _ABOUT.match(str(key)) and isinstance(block, dict) else ():
                if isinstance(block.get(name), bool) and self._stays(releases, rendering, str(key), name):
                    yield Problem(
                        f"the Canary is rendered whether {key}.{name} is true or false, other objects follow it",
                        values_route=(key, name),
                        releases=(rendering.label,),
                    )

    def _stays(self, releases: Releases, rendering: Rendering, key: str, name: str) -> bool:
        """Whether both values change what is rendered and leave the Canary in it."""
        now = rendering.values[key][name]
        try:
            texts = releases.engine.render(releases.chart, rendering.request.over({key: {name: not now}}))
        except RenderError:
            return False
        return renders_canary(texts) and texts != rendering.texts
