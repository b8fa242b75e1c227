"""PromQL for each provider's requests, as Flagger's builtin queries select them (pkg/metrics/observers), by version.

Flagger's own queries select the canary. The same series, selected for the primary, show whether there are metrics
while no rollout runs, and both versions side by side on a dashboard.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from chartgen.flagger.canary import DURATION
from chartgen.flagger.names import CANARY, PRIMARY
from chartgen.flagger.providers import observer_of
from chartgen.flagger.schedule.metrics import observer_name

if TYPE_CHECKING:
    from chartgen.flagger.canary import Canary


class Version(Enum):
    """Whose requests a query counts: the suffix of its workload, of its Service, and of Skipper's routes."""

    CANARY = "", CANARY
    PRIMARY = PRIMARY, PRIMARY

    @property
    def label(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class _Series:
    """The series of an observer.

    `requests` and `seconds`: the counter of requests and the base name of the durations. `selector`: labels with
    placeholders; `good`: the labels that only successful requests have. `count`: labels that make `requests` a counter.
    """

    requests: str
    durations: str
    selector: str
    good: str
    primary: str = ""
    count: str = ""
    durations_only: str = ""


_POD = r"{workload}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"
_ENVOY, _ENVOY_TIME, _ENVOY_GOOD = (
    "envoy_cluster_upstream_rq",
    "envoy_cluster_upstream_rq_time",
    'envoy_response_code!~"5.*"',
)
_HTTP = _Series(
    "http_request_duration_seconds_count",
    "http_request_duration_seconds",
    f'kubernetes_namespace="{{namespace}}",kubernetes_pod_name=~"{_POD}"',
    'status!~"5.*"',
)
_SKIPPER = 'route=~"kube(ew)?_{_namespace}__{_ingress}'
_SERIES = {
    "appmesh": _Series(
        _ENVOY, _ENVOY_TIME, f'kubernetes_namespace="{{namespace}}",kubernetes_pod_name=~"{_POD}"', _ENVOY_GOOD
    ),
    "linkerd": _Series(
        "response_total",
        "response_latency_ms",
        'namespace="{namespace}",deployment=~"{workload}",direction="inbound"',
        'classification!="failure"',
    ),
    "istio": _Series(
        "istio_requests_total",
        "istio_request_duration_milliseconds",
        'reporter="destination",destination_workload_namespace="{namespace}",destination_workload=~"{workload}"',
        'response_code!~"5.*"',
    ),
    "contour": _Series(
        _ENVOY, _ENVOY_TIME, 'envoy_cluster_name=~"{namespace}_{service}{side}_[0-9a-zA-Z-]+"', _ENVOY_GOOD
    ),
    "gloo": _Series(
        _ENVOY,
        _ENVOY_TIME,
        'envoy_cluster_name=~"{namespace}-{target}{side}upstream-[0-9a-zA-Z-]+_[0-9a-zA-Z-]+"',
        _ENVOY_GOOD,
    ),
    "nginx": _Series(
        "nginx_ingress_controller_requests",
        "nginx_ingress_controller_response_duration_seconds",
        'namespace="{namespace}",ingress="{ingress}",canary!=""',
        'status!~"5.*"',
        primary='namespace="{namespace}",ingress="{ingress}",canary=""',
    ),
    "kubernetes": _HTTP,
    "gatewayapi": _HTTP,
    "skipper": _Series(
        "skipper_response_duration_seconds_bucket",
        "skipper_serve_route_duration_seconds",
        f'{_SKIPPER}_canary__.*__{{_service}}_canary(_[0-9]+)?"',
        'code!~"5.."',
        primary=f'{_SKIPPER}(_canary)?__.*__{{_service}}_primary(_[0-9]+)?"',
        count='le="+Inf"',
    ),
    "traefik": _Series(
        "traefik_service_request_duration_seconds_bucket",
        "traefik_service_request_duration_seconds",
        'service=~"{namespace}-{target}{side}-[0-9a-zA-Z-]+@kubernetescrd"',
        'code!~"5.."',
        count='le="+Inf"',
    ),
    "osm": _Series(
        "osm_request_total",
        "osm_request_duration_ms",
        'destination_namespace="{namespace}",destination_kind="Deployment",destination_name="{workload}"',
        'response_code!~"5.*"',
    ),
    "kuma": _Series(_ENVOY, _ENVOY_TIME, 'service=~"{target}{side}_{namespace}_svc_[0-9a-zA-Z-]+"', _ENVOY_GOOD),
    "apisix": _Series(
        "apisix_http_status",
        "apisix_http_latency",
        'route=~"{namespace}_{route}-{target}-canary_.+"',
        'code!~"5.."',
        primary='route=~"{namespace}_{route}_.+"',
        durations_only='type=~"request"',
    ),
    "knative": _Series(_ENVOY, _ENVOY_TIME, 'envoy_cluster_name=~"{namespace}/{route}"', _ENVOY_GOOD),
}
# The observers whose duration is in seconds: the name of the series says so.
_SECONDS = "_seconds"


def series_of(provider: str) -> tuple[str, str]:
    """The names of the series with a provider's requests and durations, as its builtin queries begin them."""
    series = _SERIES[observer_of(provider).name]
    return series.requests, series.durations


@dataclass(frozen=True, slots=True)
class Requests:
    """The requests to one version of a Canary's app. Every method returns one PromQL expression."""

    canary: Canary
    version: Version

    @property
    def _series(self) -> _Series:
        return _SERIES[observer_of(observer_name(self.canary)).name]

    def _selector(self, *more: str) -> str:
        series, names = self._series, self.canary.names
        workload_suffix, side = self.version.value
        words = {
            "namespace": names.namespace,
            "workload": names.target + workload_suffix,
            "target": names.target,
            "side": side,
            "service": names.apex,
            "ingress": self.canary.ingress,
            "route": self.canary.route,
        }
        words = {key: word.replace("\\", "\\\\").replace('"', '\\"') for key, word in words.items()}
        words |= {f"_{key}": re.sub(r"\W", "_", word) for key, word in words.items()}
        text = series.primary if self.version is Version.PRIMARY and series.primary else series.selector
        return ",".join([text.format(**words), *filter(None, more)])

    def _rate(self, metric: str, interval: str, *more: str) -> str:
        return f"sum(rate({metric}{{{self._selector(*more)}}}[{interval}]))"

    def rate(self, interval: str) -> str:
        """Requests per second."""
        return self._rate(self._series.requests, interval, self._series.count)

    def success_rate(self, interval: str) -> str:
        """Percent of the requests that succeed."""
        good = self._rate(self._series.requests, interval, self._series.count, self._series.good)
        return f"{good} / {self.rate(interval)} * 100"

    def duration(self, interval: str, quantile: float = 0.99) -> str:
        """Milliseconds: the quantile, or the mean where the provider's builtin metric is a mean."""
        observer, series = observer_of(observer_name(self.canary)), self._series
        factor = " * 1000" if _SECONDS in series.durations else ""
        if observer.mean:
            total, count = (
                self._rate(f"{series.durations}_{part}", interval, series.durations_only) for part in ("sum", "count")
            )
            return f"{total} / {count}{factor}"
        selector = self._selector(series.durations_only)
        buckets = f"sum(rate({series.durations}_bucket{{{selector}}}[{interval}])) by (le)"
        return f"histogram_quantile({quantile:g}, {buckets}){factor}"

    def builtin(self, metric: str, interval: str) -> str:
        """The query of a builtin metric, for this version."""
        return self.duration(interval) if metric == DURATION else self.success_rate(interval)
