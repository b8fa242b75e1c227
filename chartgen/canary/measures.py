"""Alerts and metrics of the team's own: entries of the analysis, and the objects that these entries name.

The objects are rendered beside the Canary from the same block of values.yaml: one AlertProvider for each alert, one
MetricTemplate for each metric.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.canary import gateways
from chartgen.canary.gateways import API_GATEWAYS, ISTIO_GATEWAYS
from chartgen.flagger.go_durations import duration_seconds
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.options import AddCanaryOptions

# Keys of the block → kinds of the objects that the template renders from them.
ALERT_PROVIDERS = "alertProviders"
METRIC_TEMPLATES = "metricTemplates"
OBJECT_KINDS = {
    ALERT_PROVIDERS: "AlertProvider",
    METRIC_TEMPLATES: "MetricTemplate",
    ISTIO_GATEWAYS: "Gateway",
    API_GATEWAYS: "Gateway",
}
# The types of `AlertProvider.spec.type` (the CRD's enum).
ALERT_TYPES = ("slack", "msteams", "discord", "rocket", "gchat")
DEFAULT_PROMETHEUS = "http://prometheus.istio-system:9090"
# How the placeholders in the analysis begin, which the template fills in with the Canary's own name and address.
PLACEHOLDER = "{{ .Canary."
NAME = "{{ .Canary.Name }}"
_SHORTEST_WINDOW = 60
_OBJECT_NAME = lazy_pattern(r"[a-z0-9](?:[-a-z0-9]{0,40}[a-z0-9])?")
_NUMBER = lazy_pattern(r"-?\d+(?:\.\d+)?")
_RANGE = lazy_pattern(rf"(?P<name>[^=]+)=(?P<min>{_NUMBER.pattern})?\.\.(?P<max>{_NUMBER.pattern})?")


@dataclass(frozen=True, slots=True)
class Alert:
    """One `--alert TYPE:CHANNEL`; the channel may be empty."""

    type: str
    channel: str

    @classmethod
    def of(cls, text: str) -> Alert:
        kind, _, channel = text.partition(":")
        return cls(kind, channel)

    @property
    def secret(self) -> str:
        """The Secret whose key `address` holds the URL of the chat."""
        return f"{self.type}-url"


def alert_entries(options: AddCanaryOptions) -> list[dict[str, Any]]:
    """The entries of `alerts` in the analysis."""
    return [
        {"name": alert.type, "severity": "info", "providerRef": {"name": f"{NAME}-{alert.type}"}}
        for alert in map(Alert.of, options.alerts)
    ]


def alert_providers(options: AddCanaryOptions) -> dict[str, dict[str, Any]]:
    """The AlertProviders of the block: the suffix of their name → their `spec`."""
    return {
        alert.type: {
            "type": alert.type,
            **({"channel": alert.channel} if alert.channel else {}),
            "secretRef": {"name": alert.secret},
        }
        for alert in map(Alert.of, options.alerts)
    }


def metric_entries(options: AddCanaryOptions, window: str) -> list[dict[str, Any]]:
    """The entries of `metrics` for the queries given, measured over `window`."""
    ranges = {name: limits for name, limits in map(_limits, options.metric_ranges) if name}
    return [
        {
            "name": name,
            "templateRef": {"name": f"{NAME}-{name}"},
            "thresholdRange": ranges.get(name, {}),
            "interval": window,
        }
        for name, _ in map(_metric, options.metric_templates)
    ]


def metric_templates(options: AddCanaryOptions) -> dict[str, dict[str, Any]]:
    """The MetricTemplates of the block: the suffix of their name → their `spec`."""
    address = options.prometheus or DEFAULT_PROMETHEUS
    return {
        name: {"provider": {"type": "prometheus", "address": address}, "query": query}
        for name, query in map(_metric, options.metric_templates)
    }


def objects_of(options: AddCanaryOptions) -> dict[str, dict[str, Any]]:
    """The entries of the block for objects beside the Canary, empty ones left out."""
    return own_objects_of(options) | gateways.objects_of(options)


def own_objects_of(options: AddCanaryOptions) -> dict[str, dict[str, Any]]:
    """Those of the alerts and metrics only."""
    objects = {ALERT_PROVIDERS: alert_providers(options), METRIC_TEMPLATES: metric_templates(options)}
    return {key: found for key, found in objects.items() if found}


def problems(options: AddCanaryOptions) -> Iterator[str]:
    """A line for each alert or metric that is invalid or incomplete."""
    yield from _alert_problems(options.alerts)
    yield from _metric_problems(options)
    if options.prometheus and not options.metric_templates:
        yield "--prometheus has no effect without --metric-template"


def _alert_problems(alerts: tuple[str, ...]) -> Iterator[str]:
    types = [Alert.of(text).type for text in alerts]
    for text, kind in zip(alerts, types, strict=True):
        if kind not in ALERT_TYPES:
            yield f"--alert {text!r}: write TYPE:CHANNEL, with one of the types {', '.join(ALERT_TYPES)}"
        elif types.count(kind) > 1:
            yield f"--alert {text}: only one alert of the type {kind} can be written. Add others in values.yaml"


def _metric_problems(options: AddCanaryOptions) -> Iterator[str]:
    names = [_metric(text)[0] for text in options.metric_templates]
    ranges = [_limits(text)[0] for text in options.metric_ranges]
    for text, name in zip(options.metric_templates, names, strict=True):
        if not _OBJECT_NAME.fullmatch(name) or not _metric(text)[1].strip():
            yield f"--metric-template {text!r}: write NAME=QUERY, with lowercase letters, digits, and '-' in the name"
        elif names.count(name) > 1:
            yield f"--metric-template {name}: the name is used twice"
        elif name not in ranges:
            yield f"--metric-template {name} needs the range of good values. Add --metric-range {name}=MIN..MAX"
    for text, name in zip(options.metric_ranges, ranges, strict=True):
        if not name:
            yield f"--metric-range {text!r}: write NAME=MIN..MAX; one of the numbers can be left out"
        elif name not in names:
            yield f"--metric-range {name}: no --metric-template has this name"


def _metric(text: str) -> tuple[str, str]:
    """Name and query of `--metric-template`."""
    name, _, query = text.partition("=")
    return name, query


def _limits(text: str) -> tuple[str, dict[str, float | int]]:
    """Name and `thresholdRange` of `--metric-range`; an empty name if the text is invalid."""
    match = _RANGE.fullmatch(text)
    limits = {key: _number(match[key]) for key in ("min", "max") if match and match[key]}
    return (match["name"], limits) if match and limits else ("", {})


def _number(text: str) -> float | int:
    return float(text) if "." in text else int(text)


def window_of(interval: str) -> str:
    """The window of a metric: the interval, but at least a minute, which has enough scrapes for a rate."""
    seconds = duration_seconds(interval) or 0
    return interval if seconds >= _SHORTEST_WINDOW else f"{_SHORTEST_WINDOW}s"
