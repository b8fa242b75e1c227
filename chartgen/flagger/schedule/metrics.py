"""Metric checks: the queries, their order, and which answers fail (pkg/controller/scheduler_metrics.go)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import DURATION, SUCCESS_RATE, as_mapping, as_str
from chartgen.flagger.go_values import fixed_text, milliseconds_text, number_text
from chartgen.flagger.providers import observer_of
from chartgen.flagger.query_rendering import query_model, rendered_query
from chartgen.flagger.query_templates import fault_of
from chartgen.flagger.schedule import metric_providers
from chartgen.flagger.schedule.answers import BACKEND_ERROR, NO_VALUES
from chartgen.flagger.schedule.errors import StepError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.canary import Canary, Metric
    from chartgen.flagger.schedule.answers import MetricAnswer
    from chartgen.flagger.schedule.reconciliation import Reconciliation

_NO_VALUES = "no values found"
_LARGEST = 2**53
_HIGHEST_RATE = 100.0


def run_builtin_checks(run: Reconciliation) -> bool:
    """Check builtin and inline-query metrics in list order; stop at the first failure."""
    for metric in run.canary.analysis.metrics:
        if metric.name == SUCCESS_RATE and not _success_rate(run, metric):
            return False
        if metric.name == DURATION and not _duration(run, metric):
            return False
        if metric.query and not _query(run, metric):
            return False
    return True


def run_template_checks(run: Reconciliation) -> bool:
    """Check metrics with a templateRef in list order; a metric without any source fails."""
    for metric in run.canary.analysis.metrics:
        if metric.template is not None:
            if not _template(run, metric):
                return False
        elif not metric.is_builtin and not metric.query:
            run.warn("Metric query failed for no usable metrics template and query were configured")
            return False
    return True


def _success_rate(run: Reconciliation, metric: Metric) -> bool:
    observer = observer_name(run.canary)
    answer = run.ask_metric(metric, "builtin")
    lead = "" if observer_of(observer).seconds else "running query failed: "
    if (value := _number(answer)) is None:
        target = run.canary.names.of_target
        if answer == BACKEND_ERROR:
            _backend_error(run, "Prometheus query failed", lead)
        else:
            reason = f"for {observer} metric {metric.name} probably {target} is not receiving traffic"
            run.warn(f"Halt advancement no values found {reason}: {lead}{_NO_VALUES}")
        return False
    broken = _broken_bound(metric, value, too_low=True)
    if broken is None:
        return True
    sign, bound = broken
    reason = f"advancement success rate {fixed_text(value)}% {sign} {number_text(bound)}%"
    run.warn(f"Halt {run.canary.names.of_canary} {reason}")
    return False


def _duration(run: Reconciliation, metric: Metric) -> bool:
    observer = observer_name(run.canary)
    answer = run.ask_metric(metric, "builtin")
    if (value := _number(answer)) is None:
        if answer == BACKEND_ERROR:
            _backend_error(
                run, "Prometheus query failed", "" if observer_of(observer).seconds else "running query failed: "
            )
        else:
            reason = (
                f"for {observer} metric {metric.name} probably {run.canary.names.of_target} is not receiving traffic"
            )
            run.warn(f"Halt advancement no values found {reason}")
        return False
    measured = _milliseconds(value * 1000 if observer_of(observer).seconds else value)
    broken = _broken_milliseconds(metric, measured)
    if broken is None:
        return True
    sign, bound = broken
    reason = f"advancement request duration {milliseconds_text(measured)} {sign} {milliseconds_text(bound)}"
    run.warn(f"Halt {run.canary.names.of_canary} {reason}")
    return False


def _query(run: Reconciliation, metric: Metric) -> bool:
    if error := _render_error(run, metric.query, metric):
        # Flagger drops this error and sends an empty query, which Prometheus refuses.
        run.warn(f"Prometheus query failed for {metric.name}: ", open_ended=True, detail=error.detail)
        return False
    answer = run.ask_metric(metric, "query")
    if (value := _number(answer)) is None:
        if answer == BACKEND_ERROR:
            _backend_error(run, f"Prometheus query failed for {metric.name}", "")
        else:
            run.warn(f"Halt advancement no values found for metric: {metric.name}")
        return False
    return _passes(run, metric, value)


def _template(run: Reconciliation, metric: Metric) -> bool:
    assert metric.template is not None
    if error := template_error(run, metric):
        run.warn(f"Metric {error}")
        return False
    name, namespace = metric.template
    query = as_str(as_mapping(_live_spec(run, "MetricTemplate", name, namespace)).get("query"))
    if unrendered := _render_error(run, query, metric):
        run.warn_of(unrendered.within(f"Metric template {name}.{namespace} query render error"))
        return False
    answer = run.ask_metric(metric, "template")
    if (value := _number(answer)) is None:
        if answer == BACKEND_ERROR:
            _backend_error(run, f"Metric query failed for {metric.name}", "")
        else:
            run.warn(f"Halt advancement no values found for custom metric: {metric.name}: {_NO_VALUES}")
        return False
    return _passes(run, metric, value)


def template_error(run: Reconciliation, metric: Metric) -> str | None:
    """Why Flagger can't query a template: it or its secret is missing, or its provider is invalid."""
    assert metric.template is not None
    name, namespace = metric.template
    spec = _live_spec(run, "MetricTemplate", name, namespace)
    if spec is None:
        return f'template {name}.{namespace} error: metrictemplate.flagger.app "{name}" not found'
    provider = as_mapping(spec.get("provider"))
    reference, credentials = provider.get("secretRef"), None
    if isinstance(reference, dict):
        secret = as_str(reference.get("name"))
        body = _live_object(run, "Secret", secret, namespace)
        if body is None:
            return f'template {name}.{namespace} secret {secret} error: secrets "{secret}" not found'
        credentials = {*as_mapping(body.get("data")), *as_mapping(body.get("stringData"))}
    if error := metric_providers.refusal(provider, metric.interval, credentials):
        return f"template {name}.{namespace} provider {as_str(provider.get('type'))} error: {error}"
    return None


def _live_spec(run: Reconciliation, kind: str, name: str, namespace: str) -> Mapping[str, Any] | None:
    body = _live_object(run, kind, name, namespace)
    return None if body is None else as_mapping(body.get("spec"))


def _live_object(run: Reconciliation, kind: str, name: str, namespace: str) -> Mapping[str, Any] | None:
    return run.objects.get((kind, name if namespace == run.canary.names.namespace else f"{namespace}/{name}"))


def check_providers(run: Reconciliation) -> None:
    """checkMetricProviderAvailability, without the check whether the server answers."""
    for metric in run.canary.analysis.metrics:
        if metric.is_builtin or metric.template is None:
            continue
        if error := template_error(run, metric):
            run.warn(f"Error checking metric providers: metric {error}")
            return
    run.normal("all the metrics providers are available!")


def _passes(run: Reconciliation, metric: Metric, value: float) -> bool:
    broken = _broken_bound(metric, value, too_low=False)
    if broken is None:
        return True
    sign, bound = broken
    reason = f"advancement {metric.name} {fixed_text(value)} {sign} {number_text(bound)}"
    run.warn(f"Halt {run.canary.names.of_canary} {reason}")
    return False


def _broken_bound(metric: Metric, value: float, *, too_low: bool) -> tuple[str, float] | None:
    """The bound that an answer violates. A range replaces `threshold`: a minimum for success rates, else a maximum."""
    if metric.ranged:
        if metric.minimum is not None and value < metric.minimum:
            return "<", metric.minimum
        if metric.maximum is not None and value > metric.maximum:
            return ">", metric.maximum
        return None
    if too_low:
        return ("<", metric.threshold) if metric.threshold > value else None
    return (">", metric.threshold) if value > metric.threshold else None


def _broken_milliseconds(metric: Metric, measured: int) -> tuple[str, int] | None:
    """The bound that a duration violates; bounds are truncated to whole milliseconds, too."""
    if not metric.ranged:
        bound = _milliseconds(metric.threshold)
        return (">", bound) if measured > bound else None
    if metric.minimum is not None and measured < _milliseconds(metric.minimum):
        return "<", _milliseconds(metric.minimum)
    if metric.maximum is not None and measured > _milliseconds(metric.maximum):
        return ">", _milliseconds(metric.maximum)
    return None


def _milliseconds(value: float) -> int:
    return int(max(-_LARGEST, min(_LARGEST, value)))


def _number(answer: MetricAnswer) -> float | None:
    if isinstance(answer, str) or math.isnan(answer):
        return None
    return float(answer)


def _backend_error(run: Reconciliation, lead: str, wrapped: str) -> None:
    status = "Status 500 Internal Server Error: " if run.behavior.status_in_errors else ""
    run.warn(f"{lead}: {wrapped}error response: {status}", open_ended=True)


def _render_error(run: Reconciliation, query: str, metric: Metric) -> StepError | None:
    """The error of Go's templates for a query."""
    if fault := fault_of(query):
        return StepError("", open_ended=True, detail=fault)
    rendered = rendered_query(query, query_model(run.canary, metric.interval), metric.variables)
    return StepError("template excution failed: ", open_ended=True, detail=rendered.fault) if rendered.fault else None


def observer_name(canary: Canary) -> str:
    """The provider's name for builtin checks; a Service target adds a suffix that most observers don't know."""
    if canary.target_kind == "Service" and not canary.knative_target:
        return f"{canary.provider}:service"
    return canary.provider


def passing_answer(metric: Metric, source: str, observer: str) -> MetricAnswer:
    """An answer that passes the check; NO_VALUES if none can."""
    return _example_answer(metric, source, observer, passes=True)


def failing_answer(metric: Metric, source: str, observer: str) -> MetricAnswer:
    """An answer that fails the check: a number if possible, else NO_VALUES."""
    return _example_answer(metric, source, observer, passes=False)


def _example_answer(metric: Metric, source: str, observer: str, *, passes: bool) -> MetricAnswer:
    latency = source == "builtin" and metric.name == DURATION
    scale = 1000.0 if latency and observer_of(observer).seconds else 1.0
    bounds = [bound for bound in (metric.minimum, metric.maximum) if bound is not None]
    if not metric.ranged:
        bounds = [metric.threshold]
    usual = (99.9, 0.0) if source == "builtin" and metric.name == SUCCESS_RATE else (0.0, 120.0, 1.0, 1000.0)
    tried = [*usual, *bounds, *(bound + step for bound in bounds for step in (-1.0, 1.0))]
    if source == "builtin":
        # No rate is above 100 %, no duration negative.
        tried = [value for value in tried if value >= 0 and (latency or value <= _HIGHEST_RATE)]
    for value in tried:
        if latency:
            broken: object = _broken_milliseconds(metric, _milliseconds(value))
        else:
            broken = _broken_bound(metric, value, too_low=metric.name == SUCCESS_RATE and source == "builtin")
        if (broken is None) == passes:
            return float(value) / scale
    return NO_VALUES
