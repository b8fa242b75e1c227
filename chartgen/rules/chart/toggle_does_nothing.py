"""A switch in the values that no template asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chartgen.errors import RenderError
from chartgen.manifests.manifest import value_at
from chartgen.manifests.tracing.values_origin import overlay_for
from chartgen.rules.rule import ChartRule, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.releases import Releases

_SWITCH = ("enable", "enabled")
_ABOUT = re.compile(r"canar|flagger", re.IGNORECASE)


class ToggleDoesNothing(ChartRule):
    id = "toggle-does-nothing"
    severity = Severity.ERROR
    summary = "canary switch that no template uses"
    tags = ("gating", "values")

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        if not releases.switch.sites or not releases.renderings:
            return
        rendering = releases.renderings[0]
        for route in _switches(rendering.values):
            if all(_changes_nothing(releases, one, route) for one in releases.renderings):
                told = ".".join(str(step) for step in route)
                asked = _twin(releases, route)
                yield Problem(
                    f"{told} changes nothing that is rendered: no template asks for it{asked}",
                    values_route=route,
                    releases=(rendering.label,),
                )


def _switches(values: Any, route: Route = ()) -> Iterator[Route]:
    """Booleans called enable or enabled right below a key about canaries."""
    for key, value in values.items() if isinstance(values, dict) else ():
        here: Route = (*route, key)
        if key in _SWITCH and isinstance(value, bool) and route and _ABOUT.search(str(route[-1])):
            yield here
        yield from _switches(value, here)


def _changes_nothing(releases: Releases, rendering: Rendering, route: Route) -> bool:
    now = value_at(rendering.values, route)
    overlay = overlay_for(rendering.values, route, not now)
    try:
        return releases.engine.render(releases.chart, rendering.request.over(overlay)) == rendering.texts
    except RenderError:
        return False


def _twin(releases: Releases, route: Route) -> str:
    """The key that is asked for instead, where it differs in one letter only."""
    other = "enabled" if route[-1] == "enable" else "enable"
    dotted = ".".join(("", "Values", *(str(step) for step in route[:-1]), other))
    asked = re.compile(re.escape(dotted) + r"\b")
    texts = (releases.chart.text(path) for path in releases.chart.files if "templates/" in path)
    return f"; they ask for {dotted}" if any(asked.search(text) for text in texts) else ""
