"""Whether Prometheus answers each metric's query now, and how many requests it sees."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from chartgen.cluster.access.address import address_of
from chartgen.cluster.access.prometheus import QueryError, first_value
from chartgen.cluster.access.resources import METRIC_TEMPLATES
from chartgen.cluster.access.source import UnreadableError
from chartgen.cluster.preflight.context import Context, blocker, ok, skipped, warning
from chartgen.cluster.preflight.pods import ready_behind
from chartgen.errors import ClusterError
from chartgen.flagger.canary import as_mapping, as_str
from chartgen.flagger.queries import Requests, Version
from chartgen.manifests.manifest import value_at
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping

    from chartgen.cluster.preflight.check import Check
    from chartgen.flagger.canary import Canary, Metric

QUERY = "/api/v1/query"
# What `plan --rps` wants is the usual traffic, not that of the last seconds.
_RATE_INTERVAL = "5m"
_DEFAULT_INTERVAL = "1m"
_ACTION = lazy_pattern(r"\{\{-?\s*(variables\.(?P<key>\w+)|(?P<name>\w+))\s*-?\}\}")
_PROMETHEUS = "prometheus"
# Between rollouts the primary has the traffic; before the first one only the target has pods.
_VERSIONS = (Version.PRIMARY, Version.CANARY)


def metrics_server_url(context: Context) -> str:
    """The address of Flagger's Prometheus, with the namespace in which a short name is looked up."""
    given = context.flagger.metrics_server if context.flagger else "http://prometheus:9090"
    address = address_of(given)
    if context.flagger and address.host and "." not in address.host:
        return f"{address.scheme}://{address.host}.{context.flagger.namespace}:{address.port}{address.path}"
    return given


def check_metrics_server(context: Context) -> Iterator[Check]:
    """Whether the Service behind -metrics-server exists and has pods."""
    url = metrics_server_url(context)
    place = context.service_of_host(address_of(url).host, context.namespace)
    if context.flagger is None or place is None:
        return
    namespace, name = place
    subject = f"Service {namespace}/{name}"
    service = context.service(namespace, name)
    if service is None:
        message = f"Flagger's -metrics-server is {context.flagger.metrics_server}, but there is no such Service:"
        command = context.command("get", "services", "-A", namespace="")
        yield blocker("metrics-server", subject, f"{message} every check of a metric fails", command)
    elif not value_at(service, ("spec", "selector")) or ready_behind(context, service, namespace):
        yield ok("metrics-server", subject, "is Flagger's -metrics-server")
    else:
        command = context.command("get", "pods", namespace=namespace)
        yield blocker("metrics-server", subject, "has no ready pod: every check of a metric fails", command)


def check_metrics(context: Context) -> Iterator[Check]:
    """The answer to each metric's query."""
    for metric in context.canary.analysis.metrics:
        yield from _metric(context, metric)


def _metric(context: Context, metric: Metric) -> Iterator[Check]:
    subject = f"Metric {metric.name}"
    queries = queries_of(context, metric)
    if isinstance(queries, str):
        yield skipped("metric", subject, queries)
    else:
        yield _answer(context, metric, subject, queries)


@dataclass(frozen=True, slots=True)
class MetricQueries:
    """The address of a metric's Prometheus, and its query for each version."""

    url: str
    by_version: Mapping[Version, str]


def queries_of(context: Context, metric: Metric) -> MetricQueries | str:
    """The queries of a metric, or why chartgen doesn't ask them."""
    interval, url, text = metric.interval or _DEFAULT_INTERVAL, metrics_server_url(context), metric.query
    if metric.is_builtin:
        return MetricQueries(
            url, {each: Requests(context.canary, each).builtin(metric.name, interval) for each in Version}
        )
    if metric.template is not None:
        template = context.find(METRIC_TEMPLATES, metric.template[1], metric.template[0])
        provider = as_mapping(value_at(template, ("spec", "provider")))
        if as_str(provider.get("type")) != _PROMETHEUS:
            name = as_str(provider.get("type")) or "a missing MetricTemplate"
            return f"its values are from {name}, which chartgen doesn't ask"
        text, url = as_str(value_at(template, ("spec", "query"))), as_str(provider.get("address"))
        if not _may_ask(context, url, metric.template):
            return f"{url} isn't asked: only the chart names it; name the server with --prometheus"
    queries = {each: rendered_query(context.canary, metric, text, each) for each in Version}
    return MetricQueries(url, queries) if all(queries.values()) else "its query needs Flagger's template functions"


def values_of(context: Context) -> dict[str, float | None]:
    """The canary's value of each metric now; None for one that has none or can't be asked."""
    found: dict[str, float | None] = {}
    for metric in context.canary.analysis.metrics:
        queries = queries_of(context, metric)
        found[metric.name] = None
        if not isinstance(queries, str):
            query = {"query": queries.by_version[Version.CANARY]}
            with suppress(UnreadableError, QueryError, ClusterError):
                found[metric.name] = first_value(context.source.prometheus(queries.url, QUERY, query))
    return found


def _may_ask(context: Context, address: str, template: tuple[str, str]) -> bool:
    """A chart of a stranger can't make chartgen ask any address: the cluster's own MetricTemplates can."""
    name, namespace = template
    flaggers, asked = address_of(metrics_server_url(context)), address_of(address)
    own = bool(asked.host) and (flaggers.host, flaggers.port) == (asked.host, asked.port)
    return own or context.rendered(METRIC_TEMPLATES.kind, namespace, name) is None


def rendered_query(canary: Canary, metric: Metric, text: str, version: Version) -> str:
    """The query as Flagger renders it, for one version; empty if it uses more than plain variables."""
    names = canary.names
    words = {
        "name": names.canary,
        "namespace": names.namespace,
        "target": names.target + version.value[0],
        "service": names.apex,
        "ingress": canary.ingress,
        "route": canary.route,
        "interval": metric.interval or _DEFAULT_INTERVAL,
    }

    def value(match: re.Match[str]) -> str:
        if match["key"]:
            return str(metric.variables.get(match["key"], ""))
        return words.get(match["name"], match[0])

    query = _ACTION.sub(value, text)
    return "" if "{{" in query else query


def _answer(context: Context, metric: Metric, subject: str, queries: MetricQueries) -> Check:
    found: float | None = None
    for version in _VERSIONS:
        query = {"query": queries.by_version[version]}
        try:
            found = first_value(context.source.prometheus(queries.url, QUERY, query))
        except QueryError as error:
            return blocker("metric", subject, f"Prometheus rejects its query: {error}")
        if found is not None:
            return ok("metric", subject, f"{found:.6g} now, for the {_version(version)}{_beyond(metric, found)}")
    message = "its query has no values now, for the canary or the primary: without traffic, its check fails"
    return warning("metric", subject, message, _try(context, queries.url, queries.by_version[_VERSIONS[0]]))


def _version(version: Version) -> str:
    return "target" if version is Version.CANARY else "primary"


def _beyond(metric: Metric, value: float) -> str:
    """Whether the version that runs now would pass the check."""
    low, high = metric.minimum, metric.maximum
    if not metric.ranged:
        return ""
    if low is not None and value < low:
        return f", below the minimum {low:g}"
    if high is not None and value > high:
        return f", above the maximum {high:g}"
    return ""


def _try(context: Context, url: str, query: str) -> str:
    import shlex

    place = context.service_of_host(address_of(url).host, context.namespace)
    if place is None:
        return ""
    forward = context.command("port-forward", f"service/{place[1]}", "9090", namespace=place[0])
    query_text = shlex.quote(f"query={' '.join(query.split())}")
    return f"{forward} & curl --get --data-urlencode {query_text} http://localhost:9090{QUERY}"


def check_requests(context: Context) -> Iterator[Check]:
    """How many requests a second the app gets."""
    rps, subject = requests_per_second(context), f"Service {context.namespace}/{context.canary.names.apex}"
    if rps:
        command = f"chartgen plan CHART --rps {rps:.3g}"
        yield ok("traffic", subject, f"{rps:.3g} requests a second ({command})")
    else:
        message = "gets no requests now: checks of metrics fail without traffic; a load test webhook makes some"
        yield warning("traffic", subject, message)


def requests_per_second(context: Context) -> float | None:
    """Requests per second to both versions, as the builtin metrics of the provider count them; None if unknown."""
    url = metrics_server_url(context)
    try:
        queries = [Requests(context.canary, version).rate(_RATE_INTERVAL) for version in Version]
        values = [first_value(context.source.prometheus(url, QUERY, {"query": query})) for query in queries]
    except QueryError as error:
        raise UnreadableError(f"Prometheus rejects the query: {error}") from error
    known = [value for value in values if value is not None and isfinite(value)]
    return sum(known) if known else None
