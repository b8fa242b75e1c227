"""A Canary as Flagger's Go types read it: typed, with Flagger's defaults, from any document.

Reading never fails: a field of the wrong type reads as absent. `chartgen.flagger.crd` checks whether the API server
accepts the document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.flagger.go_durations import duration_seconds
from chartgen.flagger.names import Names

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_PROVIDER = "istio"
# pkg/apis/flagger/v1beta1/canary.go:IsKnativeService
KNATIVE_API = "serving.knative.dev/v1"
# pkg/apis/flagger/v1beta1/canary.go: ProgressDeadlineSeconds, AnalysisInterval, the floor in GetAnalysisInterval.
DEFAULT_DEADLINE = 600
DEFAULT_INTERVAL = 60.0
SHORTEST_INTERVAL = 10.0
# The metrics Flagger has queries for itself (pkg/metrics/observers).
SUCCESS_RATE, DURATION = "request-success-rate", "request-duration"
BUILTIN_METRICS = (SUCCESS_RATE, DURATION)
# scheduler_hooks.go:runAnalysis: a webhook without a type is a rollout hook.
ROLLOUT = "rollout"
# The types of webhooks (the CRD's enum), in the order in which Flagger calls them in a rollout.
HOOK_TYPES = (
    "confirm-rollout",
    "pre-rollout",
    ROLLOUT,
    "confirm-traffic-increase",
    "confirm-promotion",
    "post-rollout",
    "event",
    "rollback",
)
_DEFAULT_TIMEOUT = "10s"
_EMPTY: Mapping[str, Any] = {}


class Metric(NamedTuple):
    """One check of `analysis.metrics`; `minimum` and `maximum` come from a thresholdRange, which replaces threshold."""

    name: str
    interval: str
    threshold: float
    ranged: bool
    minimum: float | None
    maximum: float | None
    query: str
    template: tuple[str, str] | None
    variables: Mapping[str, Any]

    @property
    def is_builtin(self) -> bool:
        return self.name in BUILTIN_METRICS

    @property
    def has_source(self) -> bool:
        """Whether Flagger knows what to query: builtin, inline query or template."""
        return self.is_builtin or bool(self.query) or self.template is not None


class Webhook(NamedTuple):
    """One entry of `analysis.webhooks`."""

    name: str
    type: str
    url: str
    timeout: str
    retries: int

    @property
    def event_timeout(self) -> str:
        """How long Flagger waits for an event hook (webhook.go:callWebhook); may be an invalid duration."""
        return self.timeout or _DEFAULT_TIMEOUT


class SessionAffinity(NamedTuple):
    cookie: str
    primary_cookie: str


class Autoscaler(NamedTuple):
    kind: str
    name: str


class Analysis(NamedTuple):
    """`spec.analysis`; a number that isn't set is 0, as in Go."""

    interval: str
    threshold: int
    primary_ready_threshold: int
    canary_ready_threshold: int
    max_weight: int
    step_weight: int
    step_weights: tuple[int, ...]
    step_weight_promotion: int
    iterations: int
    mirror: bool
    mirror_weight: int
    match: tuple[Mapping[str, Any], ...]
    metrics: tuple[Metric, ...]
    webhooks: tuple[Webhook, ...]
    affinity: SessionAffinity | None


@dataclass(frozen=True, eq=False, slots=True)
class Canary:
    """One Canary. `manifest` is the document it was read from; `spec` and `service` are parts of it."""

    manifest: Mapping[str, Any]
    names: Names
    spec: Mapping[str, Any]
    service: Mapping[str, Any]
    provider: str
    target_kind: str
    target_api: str
    ingress: str
    route: str
    autoscaler: Autoscaler | None
    deadline: int
    suspend: bool
    skip_analysis: bool
    revert_on_deletion: bool
    analysis: Analysis

    @property
    def knative_target(self) -> bool:
        """pkg/apis/flagger/v1beta1/canary.go:IsKnativeService"""
        return self.target_kind == "Service" and self.target_api == KNATIVE_API

    @property
    def port(self) -> int:
        return as_int(self.service.get("port"))

    @property
    def threshold(self) -> int:
        """canary.go:GetAnalysisThreshold"""
        return self.analysis.threshold if self.analysis.threshold > 0 else 1

    @property
    def interval(self) -> float:
        """Seconds between ticks (canary.go:GetAnalysisInterval)."""
        return interval_seconds(self.analysis.interval)

    def hooks(self, *types: str) -> list[Webhook]:
        return [hook for hook in self.analysis.webhooks if hook.type in types]


def read_canary(manifest: Mapping[str, Any]) -> Canary:
    """The typed view of a Canary document."""
    metadata, spec = as_mapping(manifest.get("metadata")), as_mapping(manifest.get("spec"))
    service, target = as_mapping(spec.get("service")), as_mapping(spec.get("targetRef"))
    name = as_str(target.get("name"))
    analysis = spec.get(analysis_key(spec))
    deadline = spec.get("progressDeadlineSeconds")
    return Canary(
        manifest=manifest,
        names=Names(
            canary=as_str(metadata.get("name")),
            namespace=as_str(metadata.get("namespace")) or "default",
            target=name,
            apex=as_str(service.get("name")) or name,
        ),
        spec=spec,
        service=service,
        provider=as_str(spec.get("provider")) or DEFAULT_PROVIDER,
        target_kind=as_str(target.get("kind")),
        target_api=as_str(target.get("apiVersion")),
        ingress=as_str(as_mapping(spec.get("ingressRef")).get("name")),
        route=as_str(as_mapping(spec.get("routeRef")).get("name")),
        autoscaler=_autoscaler(spec.get("autoscalerRef")),
        deadline=DEFAULT_DEADLINE if deadline is None else as_int(deadline),
        suspend=spec.get("suspend") is True,
        # canary.go:SkipAnalysis: true also without an analysis.
        skip_analysis=spec.get("skipAnalysis") is True or not isinstance(analysis, dict),
        revert_on_deletion=spec.get("revertOnDeletion") is True,
        analysis=_analysis(as_mapping(analysis), as_str(metadata.get("namespace")) or "default"),
    )


def analysis_key(spec: Mapping[str, Any]) -> str:
    """The field that holds the analysis: Flagger 0.x calls it `canaryAnalysis` (canary.go:GetAnalysis)."""
    return "canaryAnalysis" if spec.get("analysis") is None and "canaryAnalysis" in spec else "analysis"


def call_timeout(timeout: str) -> str:
    """How long Flagger waits for a gate or rollout hook (webhook.go:CallWebhook); may be an invalid duration."""
    return timeout if len(timeout.encode()) > 1 else _DEFAULT_TIMEOUT


def interval_seconds(interval: str) -> float:
    """Seconds between two ticks for an `analysis.interval`, with Flagger's fallback and floor."""
    seconds = duration_seconds(interval)
    return DEFAULT_INTERVAL if seconds is None else max(seconds, SHORTEST_INTERVAL)


def _analysis(analysis: Mapping[str, Any], namespace: str) -> Analysis:
    return Analysis(
        interval=as_str(analysis.get("interval")),
        threshold=as_int(analysis.get("threshold")),
        primary_ready_threshold=as_int(analysis.get("primaryReadyThreshold"), 100),
        canary_ready_threshold=as_int(analysis.get("canaryReadyThreshold"), 100),
        max_weight=as_int(analysis.get("maxWeight")),
        step_weight=as_int(analysis.get("stepWeight")),
        step_weights=tuple(as_int(weight) for weight in as_list(analysis.get("stepWeights"))),
        step_weight_promotion=as_int(analysis.get("stepWeightPromotion")),
        iterations=as_int(analysis.get("iterations")),
        mirror=analysis.get("mirror") is True,
        mirror_weight=as_int(analysis.get("mirrorWeight")),
        match=tuple(as_mapping(match) for match in as_list(analysis.get("match"))),
        metrics=tuple(_metric(as_mapping(metric), namespace) for metric in as_list(analysis.get("metrics"))),
        webhooks=tuple(_webhook(as_mapping(hook)) for hook in as_list(analysis.get("webhooks"))),
        affinity=_affinity(analysis.get("sessionAffinity")),
    )


def _metric(metric: Mapping[str, Any], namespace: str) -> Metric:
    ranged, template = isinstance(metric.get("thresholdRange"), dict), metric.get("templateRef")
    bounds = as_mapping(metric.get("thresholdRange"))
    reference = None
    if isinstance(template, dict):
        reference = (as_str(template.get("name")), as_str(template.get("namespace")) or namespace)
    return Metric(
        name=as_str(metric.get("name")),
        interval=as_str(metric.get("interval")),
        threshold=as_float(metric.get("threshold")) or 0.0,
        ranged=ranged,
        minimum=as_float(bounds.get("min")),
        maximum=as_float(bounds.get("max")),
        query=as_str(metric.get("query")),
        template=reference,
        variables=as_mapping(metric.get("templateVariables")),
    )


def _webhook(hook: Mapping[str, Any]) -> Webhook:
    return Webhook(
        name=as_str(hook.get("name")),
        type=as_str(hook.get("type")) or ROLLOUT,
        url=as_str(hook.get("url")),
        timeout=as_str(hook.get("timeout")),
        retries=as_int(hook.get("retries")),
    )


def _affinity(affinity: object) -> SessionAffinity | None:
    if not isinstance(affinity, dict):
        return None
    return SessionAffinity(as_str(affinity.get("cookieName")), as_str(affinity.get("primaryCookieName")))


def _autoscaler(reference: object) -> Autoscaler | None:
    if not isinstance(reference, dict):
        return None
    return Autoscaler(as_str(reference.get("kind")), as_str(reference.get("name")))


def as_mapping(value: object) -> Mapping[str, Any]:
    """A mapping, or an empty one."""
    return value if isinstance(value, dict) else _EMPTY


def as_list(value: object) -> list[Any]:
    """A list, or an empty one."""
    return value if isinstance(value, list) else []


def as_str(value: object) -> str:
    """A string, or an empty one."""
    return value if isinstance(value, str) else ""


def as_int(value: object, default: int = 0) -> int:
    """An integer, with floats truncated as in Go, or the default."""
    if isinstance(value, bool):
        return default
    if isinstance(value, float):
        return int(value) if abs(value) < 2**63 else default
    return value if isinstance(value, int) else default


def as_float(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return max(-1.7e308, min(1.7e308, value)) * 1.0
