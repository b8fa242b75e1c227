"""Routers: how each provider's routes are created, read and set (pkg/router)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import provider_of
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routers import split_kinds
from chartgen.flagger.schedule.routers.apisix import ApisixRouter
from chartgen.flagger.schedule.routers.appmesh import APPMESH, AppMeshRouter
from chartgen.flagger.schedule.routers.gateway_api import GatewayApiRouter
from chartgen.flagger.schedule.routers.gloo import GLOO, GlooRouter
from chartgen.flagger.schedule.routers.ingress import NginxRouter
from chartgen.flagger.schedule.routers.istio import IstioRouter
from chartgen.flagger.schedule.routers.knative import KnativeRouter
from chartgen.flagger.schedule.routers.nop import NopRouter
from chartgen.flagger.schedule.routers.skipper import SkipperRouter
from chartgen.flagger.schedule.routers.splits import SplitRouter

if TYPE_CHECKING:
    from chartgen.flagger.schedule.reconciliation import Reconciliation
    from chartgen.flagger.schedule.routers.router import Router


class _TraefikRouter(SplitRouter):
    def reconcile(self, run: Reconciliation) -> None:
        if run.behavior.old_traefik_group:
            names = run.canary.names
            reason = "create error: the server could not find the requested resource"
            raise StepError(f"TraefikService {names.apex}.{names.namespace} {reason}", open_ended=True)
        SplitRouter.reconcile(self, run)


_APPMESH = AppMeshRouter(APPMESH)
ROUTERS: dict[str, Router] = {
    "appmesh:v1beta2": _APPMESH,
    "appmesh": _APPMESH,
    "linkerd": SplitRouter(split_kinds.SMI_QUANTITIES),
    "istio": IstioRouter(),
    "smi:v1alpha1": SplitRouter(split_kinds.SMI_QUANTITIES),
    "smi:v1alpha2": SplitRouter(split_kinds.SMI),
    "smi:v1alpha3": SplitRouter(split_kinds.SMI),
    "contour": SplitRouter(split_kinds.CONTOUR),
    "knative": KnativeRouter(),
    "gloo": GlooRouter(GLOO),
    "nginx": NginxRouter(),
    "skipper": SkipperRouter(),
    "traefik": _TraefikRouter(split_kinds.TRAEFIK),
    "apisix": ApisixRouter(),
    "osm": SplitRouter(split_kinds.SMI),
    "kuma": SplitRouter(split_kinds.KUMA),
    "gatewayapi:v1beta1": GatewayApiRouter(beta=True),
    "gatewayapi:v1": GatewayApiRouter(beta=False),
    "kubernetes": NopRouter(),
}


def router_of(provider: str) -> Router:
    """The router of `spec.provider` (pkg/router/factory.go:MeshRouter)."""
    return ROUTERS[provider_of(provider).name]
