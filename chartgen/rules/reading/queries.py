"""Queries of metrics, and where they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chartgen.rules.reading.neighbours import namespace_of

if TYPE_CHECKING:
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary, LocatedMetric


class Query(NamedTuple):
    """A metric's query and where it is: in the MetricTemplate `manifest`, or in the Canary (None)."""

    text: str
    at: Route
    manifest: Manifest | None
    provider: str


def query_of(metric: LocatedMetric, canary: Canary, rendering: Rendering) -> Query | None:
    """The query of a metric; None if it has none, or if the release doesn't render its MetricTemplate."""
    if metric.template is not None:
        home = str(metric.template.get("namespace") or namespace_of(canary.manifest, rendering))
        for template in rendering.of_kind("MetricTemplate"):
            if (template.name, namespace_of(template, rendering)) == (metric.template["name"], home):
                text = template.get(("spec", "query"))
                provider = str(template.get(("spec", "provider", "type")) or "")
                return Query(text, ("spec", "query"), template, provider) if isinstance(text, str) else None
        return None
    text = metric.body.get("query")
    return Query(text, (*metric.at, "query"), None, "prometheus") if isinstance(text, str) and text else None
