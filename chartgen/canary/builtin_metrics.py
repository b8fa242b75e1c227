"""The builtin metrics of Flagger that can measure the served port: none counts what isn't HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.protocols import DURATION, SUCCESS_RATE, unmeasured

if TYPE_CHECKING:
    from chartgen.canary.analysis import ChartAnalysis
    from chartgen.canary.options import AddCanaryOptions


def measuring_metrics(analysis: ChartAnalysis, options: AddCanaryOptions) -> tuple[str, ...]:
    """The builtin metrics of Flagger that measure the served port."""
    protocol = served_protocol(analysis)
    return tuple(
        metric for metric in (SUCCESS_RATE, DURATION) if unmeasured(metric, protocol, options.provider) is None
    )


def served_protocol(analysis: ChartAnalysis) -> str:
    """The protocol in the name of the served port, or its appProtocol; empty without a Service."""
    service = analysis.surroundings.service
    port = service.get(("spec", "ports", analysis.port_choice.index)) if service else None
    return str(port.get("appProtocol") or port.get("name") or "") if isinstance(port, dict) else ""
