"""The builtin metrics of Flagger that can measure the served port: none counts what isn't HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import BUILTIN_METRICS, as_list, as_mapping
from chartgen.flagger.providers import observer_of
from chartgen.manifests.manifest import value_at
from chartgen.rules.reading.protocols import DURATION, SUCCESS_RATE, unmeasured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.canary.analysis import ChartAnalysis
    from chartgen.canary.options import AddCanaryOptions

# The route of the metrics in the block.
METRICS = ("canaryAnalysis", "metrics")
# The rule about them: who accepts it has an application that exports these metrics.
OF_APPLICATION = "builtin-metrics-on-l4-provider"


def measuring_metrics(analysis: ChartAnalysis, options: AddCanaryOptions) -> tuple[str, ...]:
    """The builtin metrics of Flagger that measure the served port."""
    if queries_application(options):
        return ()
    protocol = served_protocol(analysis)
    return tuple(
        metric for metric in (SUCCESS_RATE, DURATION) if unmeasured(metric, protocol, options.provider) is None
    )


def queries_application(options: AddCanaryOptions) -> bool:
    """Whether the builtin metrics would query the application's own metrics, which few applications have."""
    return observer_of(options.provider).seconds and OF_APPLICATION not in options.accept


def served_protocol(analysis: ChartAnalysis) -> str:
    """The protocol in the name of the served port, or its appProtocol; empty without a Service."""
    service = analysis.surroundings.service
    port = service.get(("spec", "ports", analysis.port_choice.index)) if service else None
    return str(port.get("appProtocol") or port.get("name") or "") if isinstance(port, dict) else ""


def changed_provider(block: Mapping[str, Any], options: AddCanaryOptions) -> str | None:
    """The provider until now if `--provider` names another one, else None."""
    former = str(block.get("provider") or "istio")
    return former if "--provider" in options.given and former != options.provider else None


def has_own_metric(block: Mapping[str, Any]) -> bool:
    """Whether the analysis has a metric with a query of the team's."""
    return any(not is_builtin(as_mapping(metric)) for metric in as_list(value_at(block, METRICS)))


def is_builtin(metric: Mapping[str, Any]) -> bool:
    """Whether Flagger asks a query of its own."""
    return metric.get("name") in BUILTIN_METRICS and not (metric.get("templateRef") or metric.get("query"))
