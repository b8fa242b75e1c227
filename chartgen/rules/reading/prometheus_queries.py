"""The queries that Flagger sends to Prometheus in a release: each rendered for the metric that uses it, and parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.charts.gotemplate.blocks import parse
from chartgen.flagger.canary import as_mapping, as_str, read_canary
from chartgen.flagger.query_rendering import RenderedQuery, query_model, rendered_query
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import namespace_of
from chartgen.rules.reading.promql import Parsed, parsed
from chartgen.rules.reading.queries import query_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import LocatedMetric
    from chartgen.rules.reading.queries import Query

PROMETHEUS = "prometheus"
# What the variables of a template that no metric of the release uses may hold.
_STAND_INS = ("5", "5m", "web")


class PromQuery(NamedTuple):
    """A query as text and as an expression, where it is written, and the metric that uses it (None: nobody does)."""

    text: str
    parsed: Parsed
    at: Route
    manifest: Manifest
    canary: Canary | None = None
    metric: LocatedMetric | None = None

    @property
    def expression(self) -> Any:
        """The expression, None if it doesn't parse."""
        return self.parsed.expression

    @property
    def owner(self) -> str:
        """What the query belongs to, for a message."""
        if self.manifest.kind == "MetricTemplate" or self.metric is None:
            return f"MetricTemplate {self.manifest.name}"
        return f"metric {self.metric.name}"


def queries_of_canary(canary: Canary, rendering: Rendering) -> Iterator[PromQuery]:
    """The queries of a Canary's metrics that render, for Prometheus. Builtin checks have none to read."""
    for metric in canary.metrics if canary.analyses else ():
        query = query_of(metric, canary, rendering)
        if query and query.provider == PROMETHEUS and speaks_promql(query.manifest):
            yield from _rendered(query, metric, canary, rendering)


def queries_of_template(template: Manifest, rendering: Rendering) -> Iterator[PromQuery]:
    """The query of a MetricTemplate for Prometheus, once for each metric that uses it, or once with stand-ins."""
    query = template.get(("spec", "query"))
    if template.get(("spec", "provider", "type")) != PROMETHEUS or not isinstance(query, str) or not query.strip():
        return
    if not speaks_promql(template):
        return
    used = False
    for manifest in rendering.of_kind("Canary"):
        for each in queries_of_canary(Canary(manifest), rendering):
            if each.manifest is template:
                used = True
                yield each
    if not used:
        yield from _with_stand_ins(query, template)


def texts_of_template(template: Manifest, rendering: Rendering) -> Iterator[str]:
    """The query of a MetricTemplate as each metric renders it; without any, the query if it is the same for all."""
    query = template.get(("spec", "query"))
    if not isinstance(query, str) or not query.strip():
        return  # query-empty reports it
    users = [
        (found, metric, canary)
        for canary in map(Canary, rendering.of_kind("Canary"))
        for metric in (canary.metrics if canary.analyses else ())
        if (found := query_of(metric, canary, rendering)) and found.manifest is template
    ]
    if not users and "{{" not in query:
        yield query
    for found, metric, canary in users:
        text = rendered_of(found, metric, canary, rendering).text
        if text is not None:
            yield text


def speaks_promql(template: Manifest | None) -> bool:
    """Whether the server behind an address is Prometheus: VictoriaMetrics has more functions and looser syntax."""
    address = as_str(template.get(("spec", "provider", "address"))) if template else ""
    return not any(word in address.lower() for word in ("victoria", "vmselect", "vmsingle", "vmauth", "/select/"))


def rendered_of(query: Query, metric: LocatedMetric, canary: Canary, rendering: Rendering) -> RenderedQuery:
    """A metric's query as Flagger renders it."""
    # An interval that is missing, or that isn't a duration, has rules of its own.
    model = model_of(canary, rendering, as_str(metric.body.get("interval")) or "1m")
    return rendered_query(query.text, model, as_mapping(metric.body.get("templateVariables")))


def model_of(canary: Canary, rendering: Rendering, interval: str) -> dict[str, str]:
    """The results of Flagger's template functions."""
    model = query_model(read_canary(canary.manifest.body), interval)
    return {**model, "namespace": namespace_of(canary.manifest, rendering)}


def _rendered(query: Query, metric: LocatedMetric, canary: Canary, rendering: Rendering) -> Iterator[PromQuery]:
    text = rendered_of(query, metric, canary, rendering).text
    if text is not None and text.strip():
        yield PromQuery(text, parsed(text), query.at, query.manifest or canary.manifest, canary, metric)


def _with_stand_ins(query: str, template: Manifest) -> Iterator[PromQuery]:
    """The query with the first stand-in for its variables that parses; nothing if there is none.

    A query with conditions prints another text for another metric, so there is none to read.
    """
    if any(action.keyword for action in parse(query).actions):
        return
    model = dict.fromkeys(("name", "namespace", "target", "service", "ingress", "route"), "web") | {"interval": "1m"}
    found = PromQuery("", Parsed(), ("spec", "query"), template)
    plain = rendered_query(query, model, {}).text
    if plain is not None:
        yield found._replace(text=plain, parsed=parsed(plain))
        return
    for stand_in in _STAND_INS:
        text = rendered_query(query, model, _Everything(stand_in)).text
        if text is not None and parsed(text).expression is not None:
            yield found._replace(text=text, parsed=parsed(text))
            return


class _Everything(dict[str, str]):
    """Variables that all have the same value."""

    def __init__(self, value: str) -> None:
        super().__init__()
        self._value = value

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> str:
        return self._value


def queries_at(manifest: Manifest, rendering: Rendering) -> Iterator[PromQuery]:
    """The queries that are written in a MetricTemplate or a Canary, each of its texts once."""
    if manifest.kind == "MetricTemplate":
        found = queries_of_template(manifest, rendering)
    else:
        found = (each for each in queries_of_canary(Canary(manifest), rendering) if each.manifest is manifest)
    seen: set[tuple[Route, str]] = set()
    for query in found:
        if (query.at, query.text) not in seen:
            seen.add((query.at, query.text))
            yield query
