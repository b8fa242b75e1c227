"""Istio's DestinationRules, one for each version (pkg/router/istio.go:reconcileDestinationRule)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.schedule.routers.router import put_route
from chartgen.flagger.schedule.services import owned_metadata

if TYPE_CHECKING:
    from chartgen.flagger.schedule.reconciliation import Reconciliation

KIND = "DestinationRule"


def reconcile_destination_rules(run: Reconciliation) -> None:
    """Write the DestinationRules of canary and primary with the Canary's traffic policy."""
    names = run.canary.names
    for name in (names.canary_service, names.primary_service):
        _reconcile(run, name)


def _reconcile(run: Reconciliation, name: str) -> None:
    policy = run.canary.service.get("trafficPolicy")
    spec = {"host": name, **({"trafficPolicy": policy} if isinstance(policy, dict) else {})}
    body = {"kind": KIND, "metadata": owned_metadata(name), "spec": spec}
    verb = "update" if (KIND, name) in run.objects else "create"
    failure = f"reconcileDestinationRule failed: DestinationRule {name}.{run.canary.names.namespace} {verb} error: "
    put_route(run, KIND, "v1beta1", body, failure)
