"""A canary switch in the values that no template uses."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.errors import RenderError
from chartgen.manifests.manifest import value_at
from chartgen.manifests.switches.kinds import declared_dependencies
from chartgen.manifests.tracing.values_location import values_location
from chartgen.manifests.tracing.values_origin import overlay_for
from chartgen.patterns import lazy_pattern
from chartgen.rules.rule import ChartRule, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.releases import Releases

_SWITCH = ("enable", "enabled")
_CANARY_KEY = lazy_pattern(r"canar|flagger", re.IGNORECASE)


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
            if _is_default_below_alias(rendering, route):
                continue
            if all(_has_no_effect(releases, each, route) for each in _everywhere(releases)):
                key = ".".join(str(step) for step in route)
                yield Problem(
                    f"{key} has no effect: no template uses it{_advice(releases, route)}",
                    values_route=route,
                    releases=(rendering.label,),
                )


def _everywhere(releases: Releases) -> Iterator[Rendering]:
    """The renderings, then one in each further namespace of the gates: a chart's Canaries may each have their own."""
    yield from releases.renderings
    first = releases.renderings[0]
    for namespace in releases.namespaces:
        if namespace != first.request.namespace:
            request = replace(first.request, namespace=namespace)
            try:
                yield replace(first, request=request, texts=releases.engine.render(releases.chart, request))
            except RenderError:
                continue


def _switches(values: Any, route: Route = ()) -> Iterator[Route]:
    """Booleans named enable or enabled, directly below a key about canaries."""
    for key, value in values.items() if isinstance(values, dict) else ():
        child: Route = (*route, key)
        if key in _SWITCH and isinstance(value, bool) and route and _CANARY_KEY.search(str(route[-1])):
            yield child
        yield from _switches(value, child)


def _is_default_below_alias(rendering: Rendering, route: Route) -> bool:
    """Whether only a subchart's own values have the key, and the subchart is used under aliases: they have switches."""
    parent = ""
    for name in map(str, route[:-1]):
        uses = [use for use in declared_dependencies(rendering.chart, parent) if use.get("name") == name]
        parent = f"{parent}charts/{name}/"
        if uses and all(use.get("alias") for use in uses):
            location = values_location(rendering, route)
            return location is not None and location.path.startswith(parent)
    return False


def _has_no_effect(releases: Releases, rendering: Rendering, route: Route) -> bool:
    overlay = overlay_for(rendering.values, route, not value_at(rendering.values, route))
    try:
        return releases.engine.render(releases.chart, rendering.request.over(overlay)) == rendering.texts
    except RenderError:
        return False


def _advice(releases: Releases, route: Route) -> str:
    """The key that the templates use instead: enabled for enable, or the other way around."""
    other = "enabled" if route[-1] == "enable" else "enable"
    dotted = ".".join(("", "Values", *(str(step) for step in route[:-1]), other))
    usage = re.compile(re.escape(dotted) + r"\b")
    texts = (releases.chart.text(path) for path in releases.chart.files if "templates/" in path)
    return f"; the templates use {dotted}" if any(usage.search(text) for text in texts) else ""
