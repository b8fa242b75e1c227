"""Canaries whose builtin queries never find a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import ISTIO_OBSERVER, Selects, observer_of
from chartgen.flagger.schedule import observer_name

if TYPE_CHECKING:
    from chartgen.flagger.canary import Canary


def no_values_reason(canary: Canary) -> str | None:
    """Why the builtin queries never find a request of the release; None if they can. Lint reports the same."""
    observer, names = observer_of(observer_name(canary)), canary.names
    if not any(metric.is_builtin for metric in canary.analysis.metrics):
        return None
    if canary.target_kind == "Service":
        blind = observer is ISTIO_OBSERVER and canary.provider != "istio"
        return f"a Service target makes builtin queries ask Istio instead of {canary.provider}" if blind else None
    if observer.selects is Selects.CANARY_OF_TARGET and names.apex != names.target:
        return (
            f"builtin queries of {canary.provider} use the target's name {names.target}, but service.name is"
            f" {names.apex}"
        )
    if observer.selects is Selects.DEPLOYMENT and canary.target_kind == "DaemonSet":
        return f"builtin queries of {canary.provider} find only Deployments, but the target is a DaemonSet"
    return None
