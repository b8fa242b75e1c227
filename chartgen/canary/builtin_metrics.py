"""The builtin metrics of Flagger that can measure the served port: none counts what isn't HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import observer_of
from chartgen.rules.reading.protocols import DURATION, SUCCESS_RATE, unmeasured

if TYPE_CHECKING:
    from chartgen.canary.analysis import ChartAnalysis
    from chartgen.canary.options import AddCanaryOptions

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
