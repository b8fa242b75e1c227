"""What a canary's dashboard shows: queries, units, thresholds. Plain data, so that each query can be checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.cluster.preflight.metric_checks import rendered_query
from chartgen.flagger.canary import DURATION, SUCCESS_RATE, as_mapping, as_str
from chartgen.flagger.providers import observer_of
from chartgen.flagger.queries import Requests, Version
from chartgen.flagger.schedule.metrics import observer_name
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.flagger.canary import Canary, Metric

# Grafana replaces it with a window that fits the scrape interval and the zoom.
INTERVAL = "$__rate_interval"
_QUANTILES = (0.5, 0.9, 0.99)
# pkg/metrics/recorder.go: while a rollout runs, after one that succeeded, after one that failed.
_RUNNING, _SUCCEEDED, _FAILED = 0, 1, 2
_PROMETHEUS = "prometheus"


@dataclass(frozen=True, slots=True)
class Query:
    """One PromQL expression and the name of its line."""

    legend: str
    expr: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture. `unit` is Grafana's; `minimum` and `maximum` are the chart's thresholds, None without."""

    title: str
    unit: str
    queries: tuple[Query, ...]
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Annotation:
    """Times at which the expression has a value, shown as lines across every picture."""

    name: str
    expr: str
    color: str


def panels(canary: Canary, objects: tuple[Mapping[str, Any], ...]) -> list[tuple[str, list[Panel]]]:
    """The rows: each a title and its panels."""
    own = [
        panel
        for metric in canary.analysis.metrics
        if not metric.is_builtin and (panel := _custom(canary, metric, objects))
    ]
    rows = [
        ("Traffic", [_weights(canary), _rates(canary)]),
        ("Success rate and duration", [_success(canary), *_durations(canary)]),
        ("Metrics of the analysis", own),
        ("Resources", [_cpu(canary), _memory(canary)]),
    ]
    return [row for row in rows if row[1]]


def marks(canary: Canary) -> list[Annotation]:
    """The start of each rollout, its promotion and its rollback."""
    names = canary.names
    status = f'flagger_canary_status{{name="{names.target}",namespace="{names.namespace}"}}'
    states = (("Rollout began", _RUNNING, "blue"), ("Promoted", _SUCCEEDED, "green"), ("Rolled back", _FAILED, "red"))
    # Only the change is an event: the minute before, the state was another one.
    return [
        Annotation(name, f"({status} == {state}) and ({status} offset 1m != {state})", color)
        for name, state, color in states
    ]


def _both(canary: Canary, query: str, **arguments: Any) -> Iterator[Query]:
    for version in (Version.PRIMARY, Version.CANARY):
        make = getattr(Requests(canary, version), query)
        yield Query(version.label, make(INTERVAL, **arguments))


def _weights(canary: Canary) -> Panel:
    names = canary.names
    queries = tuple(
        Query(label, f'flagger_canary_weight{{workload="{workload}",namespace="{names.namespace}"}}')
        for label, workload in (("primary", names.primary), ("canary", names.target))
    )
    return Panel("Weight", "percent", queries)


def _rates(canary: Canary) -> Panel:
    return Panel("Request rate", "reqps", tuple(_both(canary, "rate")))


def _success(canary: Canary) -> Panel:
    low, high = _bounds(canary, SUCCESS_RATE)
    return Panel("Success rate", "percent", tuple(_both(canary, "success_rate")), low, high)


def _durations(canary: Canary) -> list[Panel]:
    low, high = _bounds(canary, DURATION)
    if observer_of(observer_name(canary)).mean:
        return [Panel("Duration, mean", "ms", tuple(_both(canary, "duration")), low, high)]
    return [
        Panel(f"Duration, {version.label}", "ms", tuple(_quantiles(Requests(canary, version))), low, high)
        for version in (Version.PRIMARY, Version.CANARY)
    ]


def _quantiles(requests: Requests) -> Iterator[Query]:
    for quantile in _QUANTILES:
        yield Query(f"P{quantile * 100:.0f}", requests.duration(INTERVAL, quantile))


def _bounds(canary: Canary, name: str) -> tuple[float | None, float | None]:
    """The thresholds of a builtin metric; a bare threshold is a minimum of the success rate, else a maximum."""
    for metric in canary.analysis.metrics:
        if metric.name == name:
            return limits_of(metric)
    return None, None


def limits_of(metric: Metric) -> tuple[float | None, float | None]:
    """Minimum and maximum of a metric (scheduler_metrics.go)."""
    if metric.ranged:
        return metric.minimum, metric.maximum
    return (metric.threshold, None) if metric.name == SUCCESS_RATE else (None, metric.threshold)


def _custom(canary: Canary, metric: Metric, objects: tuple[Mapping[str, Any], ...]) -> Panel | None:
    """A metric with a query of its own; None if it isn't in Prometheus or needs Flagger's template functions."""
    text = metric.query
    if metric.template is not None:
        template = next((each for each in objects if _is_template(each, metric.template)), None)
        provider = as_mapping(value_at(template, ("spec", "provider")))
        text = as_str(value_at(template, ("spec", "query"))) if provider.get("type") == _PROMETHEUS else ""
    live = metric._replace(interval=INTERVAL)
    queries = tuple(
        Query(version.label, " ".join(query.split()))
        for version in (Version.PRIMARY, Version.CANARY)
        if text and (query := rendered_query(canary, live, text, version))
    )
    return Panel(metric.name, "short", queries, *limits_of(metric)) if queries else None


def _is_template(body: Mapping[str, Any], reference: tuple[str, str]) -> bool:
    metadata = as_mapping(body.get("metadata"))
    return body.get("kind") == "MetricTemplate" and (metadata.get("name"), metadata.get("namespace")) == reference


def _cpu(canary: Canary) -> Panel:
    queries = tuple(
        Query(label, f"sum(rate(container_cpu_usage_seconds_total{{{selector}}}[{INTERVAL}]))")
        for label, selector in _pods(canary)
    )
    return Panel("CPU", "short", queries)


def _memory(canary: Canary) -> Panel:
    queries = tuple(
        Query(label, f"sum(container_memory_working_set_bytes{{{selector}}})") for label, selector in _pods(canary)
    )
    return Panel("Memory", "bytes", queries)


def _pods(canary: Canary) -> Iterator[tuple[str, str]]:
    """The labels of cAdvisor's series for each version's pods, by the names that Kubernetes gives them."""
    names = canary.names
    # Between the names of a Deployment and its pods is that of the ReplicaSet.
    owner = "" if canary.target_kind == "DaemonSet" else "[0-9a-z]+-"
    for label, workload in (("primary", names.primary), ("canary", names.target)):
        pods = f"{workload}-{owner}[0-9a-z]+"
        yield label, f'namespace="{names.namespace}",pod=~"{pods}",container!="",container!="POD"'
