"""Which API group Flagger means by a kind: other groups have kinds of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.manifests.manifest import group_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chartgen.flagger.canary import Canary

KNATIVE = "serving.knative.dev"
GROUPS = {
    "AlertProvider": "flagger.app",
    "ApisixRoute": "apisix.apache.org",
    "ConfigMap": "",
    "DaemonSet": "apps",
    "Deployment": "apps",
    "DestinationRule": "networking.istio.io",
    "Gateway": "gateway.networking.k8s.io",
    "HTTPProxy": "projectcontour.io",
    "HTTPRoute": "gateway.networking.k8s.io",
    "HorizontalPodAutoscaler": "autoscaling",
    "Ingress": "networking.k8s.io",
    "MetricTemplate": "flagger.app",
    "Revision": KNATIVE,
    "RouteTable": "gateway.solo.io",
    "ScaledObject": "keda.sh",
    "Secret": "",
    "Service": "",
    "TrafficRoute": "kuma.io",
    "TrafficSplit": "split.smi-spec.io",
    "TraefikService": "traefik.io",
    "Upstream": "gloo.solo.io",
    "VirtualRouter": "appmesh.k8s.aws",
    "VirtualService": "networking.istio.io",
}


def of_flaggers_groups(objects: Iterable[Mapping[str, Any]], canary: Canary) -> Iterator[Mapping[str, Any]]:
    """Without the objects whose kind Flagger knows, but of another group."""
    groups = {**GROUPS, "Service": KNATIVE} if canary.knative_target else GROUPS
    for body in objects:
        kind = str(body.get("kind") or "")
        if not body.get("apiVersion") or groups.get(kind) in {None, group_of(body)}:
            yield body
