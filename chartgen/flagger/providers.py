"""What each provider does, as two tables: its router, and its queries for the builtin metrics.

Names match as in Flagger's factories (MeshRouter in pkg/router/factory.go, Observer in
pkg/metrics/observers/factory.go): some exactly, some by prefix. From 1.43 the CRD allows only `PROVIDERS`.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple, TypeVar

INGRESS = ("ingressRef",)
GATEWAYS = ("service", "gatewayRefs")
MESH_NAME = ("service", "meshName")


class Provider(NamedTuple):
    """A value of `spec.provider`, and what its router supports (pkg/router).

    `route`: the kind that holds the weights; None if the provider doesn't split traffic.
    `reference`: the field below `spec` without which every tick fails, None if there is none.
    `prefix`: names that begin with `name` use this router, too. `aliases`: wrong names that people use for it.
    `matches`: an A/B test reaches only matching users; without it, all users.
    `mirrors_weights`, `mirrors_iterations`: mirroring works with weights, with iterations.
    `affinity`: session affinity works. `mesh`: traffic between pods inside the cluster is split, too.
    `apis`: what its router reads and writes, as group/version/plural (the clients it uses in pkg/router).
    `injection`: what gives a namespace the proxies that count requests: "label" or "annotation", its key, its value.
    `deadline`: progressDeadlineSeconds ends a rollout whose pods don't become ready.
    """

    name: str
    route: str | None
    reference: tuple[str, ...] | None = None
    prefix: bool = False
    aliases: tuple[str, ...] = ()
    matches: bool = False
    mirrors_weights: bool = False
    mirrors_iterations: bool = False
    affinity: bool = False
    mesh: bool = False
    apis: tuple[str, ...] = ()
    injection: tuple[str, str, str] | None = None
    deadline: bool = True

    @property
    def weights(self) -> bool:
        """Whether it splits traffic."""
        return self.route is not None


ISTIO = Provider(
    "istio",
    "VirtualService",
    matches=True,
    mirrors_weights=True,
    mirrors_iterations=True,
    affinity=True,
    mesh=True,
    apis=("networking.istio.io/v1beta1/virtualservices", "networking.istio.io/v1beta1/destinationrules"),
    injection=("label", "istio-injection", "enabled"),
)
_APPMESH_INJECTION = ("label", "appmesh.k8s.aws/sidecarInjectorWebhook", "enabled")
# In the order of the factory: the first matching prefix wins.
PROVIDERS = (
    Provider(
        "appmesh:v1beta2",
        "VirtualRouter",
        prefix=True,
        matches=True,
        mesh=True,
        apis=(
            "appmesh.k8s.aws/v1beta2/virtualnodes",
            "appmesh.k8s.aws/v1beta2/virtualrouters",
            "appmesh.k8s.aws/v1beta2/virtualservices",
        ),
        injection=_APPMESH_INJECTION,
    ),
    Provider(
        "appmesh",
        "VirtualRouter",
        MESH_NAME,
        matches=True,
        mesh=True,
        apis=("appmesh.k8s.aws/v1beta1/virtualnodes", "appmesh.k8s.aws/v1beta1/virtualservices"),
        injection=_APPMESH_INJECTION,
    ),
    Provider(
        "linkerd",
        "TrafficSplit",
        mesh=True,
        apis=("split.smi-spec.io/v1alpha1/trafficsplits",),
        injection=("annotation", "linkerd.io/inject", "enabled"),
    ),
    ISTIO,
    Provider(
        "smi:v1alpha1", "TrafficSplit", prefix=True, mesh=True, apis=("split.smi-spec.io/v1alpha1/trafficsplits",)
    ),
    Provider(
        "smi:v1alpha2",
        "TrafficSplit",
        prefix=True,
        aliases=("smi",),
        mesh=True,
        apis=("split.smi-spec.io/v1alpha2/trafficsplits",),
    ),
    Provider(
        "smi:v1alpha3", "TrafficSplit", prefix=True, mesh=True, apis=("split.smi-spec.io/v1alpha3/trafficsplits",)
    ),
    Provider("contour", "HTTPProxy", matches=True, apis=("projectcontour.io/v1/httpproxies",)),
    Provider("knative", "Service", ("targetRef",), apis=("serving.knative.dev/v1/services",), deadline=False),
    Provider(
        "gloo",
        "RouteTable",
        prefix=True,
        matches=True,
        apis=("gateway.solo.io/v1/routetables", "gloo.solo.io/v1/upstreams"),
    ),
    Provider("nginx", "Ingress", INGRESS, matches=True, apis=("networking.k8s.io/v1/ingresses",)),
    Provider("skipper", "Ingress", INGRESS, apis=("networking.k8s.io/v1/ingresses",)),
    Provider("traefik", "TraefikService", apis=("traefik.io/v1alpha1/traefikservices",)),
    Provider("apisix", "ApisixRoute", ("routeRef",), apis=("apisix.apache.org/v2/apisixroutes",)),
    Provider(
        "osm",
        "TrafficSplit",
        mesh=True,
        apis=("split.smi-spec.io/v1alpha2/trafficsplits",),
        injection=("annotation", "openservicemesh.io/sidecar-injection", "enabled"),
    ),
    Provider(
        "kuma",
        "TrafficRoute",
        mesh=True,
        apis=("kuma.io/v1alpha1/trafficroutes",),
        injection=("label", "kuma.io/sidecar-injection", "enabled"),
    ),
    Provider(
        "gatewayapi:v1beta1",
        "HTTPRoute",
        GATEWAYS,
        prefix=True,
        matches=True,
        mirrors_iterations=True,
        affinity=True,
        apis=("gateway.networking.k8s.io/v1beta1/httproutes",),
    ),
    Provider(
        "gatewayapi:v1",
        "HTTPRoute",
        GATEWAYS,
        prefix=True,
        aliases=("gatewayapi", "gateway-api"),
        matches=True,
        mirrors_iterations=True,
        affinity=True,
        apis=("gateway.networking.k8s.io/v1/httproutes",),
    ),
    Provider("kubernetes", None),
)

_ISTIO = "VirtualService"
_SMI = "TrafficSplit"
_APP_MESH = "VirtualRouter"
_GATEWAY_API = "HTTPRoute"
_CONTOUR = "HTTPProxy"
# Fields below `spec` and the routes of the providers whose routers read them (pkg/router).
FIELD_READERS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("service", "hosts"): (_ISTIO, _SMI, _APP_MESH, _GATEWAY_API),
    ("service", "gateways"): (_ISTIO, _SMI),
    GATEWAYS: (_GATEWAY_API,),
    MESH_NAME: (_APP_MESH,),
    ("service", "backends"): (_APP_MESH,),
    ("service", "trafficPolicy"): (_ISTIO,),
    ("service", "delegation"): (_ISTIO,),
    ("service", "corsPolicy"): (_ISTIO, _GATEWAY_API),
    ("service", "headers"): (_ISTIO, _GATEWAY_API),
    ("service", "retries"): (_ISTIO, _APP_MESH, _CONTOUR),
    ("service", "timeout"): (_ISTIO, _APP_MESH, _CONTOUR, _GATEWAY_API),
    ("service", "match"): (_ISTIO, _APP_MESH, _CONTOUR, _GATEWAY_API),
    ("service", "rewrite"): (_ISTIO, _GATEWAY_API),
    ("service", "mirror"): (_GATEWAY_API,),
    ("service", "backendTimeout"): (_GATEWAY_API,),
    INGRESS: ("Ingress",),
    ("routeRef",): ("ApisixRoute",),
    ("upstreamRef",): ("RouteTable",),
}


class Selects(Enum):
    """The name by which the builtin queries select the canary's requests."""

    WORKLOAD = "the target's name"
    DEPLOYMENT = "the target's name, as that of a Deployment"
    PODS = "the names of a Deployment's pods"
    CANARY_OF_TARGET = "the target's name with -canary, though the routes carry the Service's"
    CANARY_OF_SERVICE = "the Service's name with -canary"
    INGRESS = "the Ingress"
    REVISION = "the revision of a Knative Service"


class Series(Enum):
    """Who counts the requests in the series of a builtin query, and how long the series exist."""

    PODS = "each pod of the release, from its start"
    REVISION = "a proxy, by revision: from the start of the release"
    PROXY = "a proxy, under names that outlive the release"


class Observer(NamedTuple):
    """The builtin queries of a provider (pkg/metrics/observers).

    `seconds`: durations are in seconds, not milliseconds. `mean`: request-duration is the mean, not the 99th
    percentile. `series`: who counts. `both_versions`: the query counts the primary's requests, too. `source`: the file
    and variable with the queries, below pkg/metrics/observers.
    """

    name: str
    selects: Selects
    prefix: bool = False
    seconds: bool = False
    mean: bool = False
    series: Series = Series.PODS
    both_versions: bool = False
    source: str = ""


ISTIO_OBSERVER = Observer("istio", Selects.WORKLOAD, source="istio.go:istioQueries")
OBSERVERS = (
    Observer("appmesh", Selects.PODS, prefix=True, source="appmesh.go:appMeshQueries"),
    Observer("linkerd", Selects.DEPLOYMENT, source="linkerd.go:linkerdQueries"),
    ISTIO_OBSERVER,
    Observer("contour", Selects.CANARY_OF_SERVICE, series=Series.PROXY, source="contour.go:contourQueries"),
    Observer("gloo", Selects.CANARY_OF_TARGET, prefix=True, series=Series.PROXY, source="gloo.go:glooQueries"),
    Observer("nginx", Selects.INGRESS, mean=True, series=Series.PROXY, source="nginx.go:nginxQueries"),
    Observer("kubernetes", Selects.PODS, seconds=True, source="http.go:httpQueries"),
    Observer("gatewayapi", Selects.PODS, prefix=True, seconds=True, source="http.go:httpQueries"),
    Observer("skipper", Selects.CANARY_OF_SERVICE, mean=True, series=Series.PROXY, source="skipper.go:skipperQueries"),
    Observer("traefik", Selects.CANARY_OF_TARGET, series=Series.PROXY, source="traefik.go:traefikQueries"),
    Observer("osm", Selects.DEPLOYMENT, source="osm.go:osmQueries"),
    Observer("kuma", Selects.CANARY_OF_TARGET, source="kuma.go:kumaQueries"),
    Observer(
        "apisix", Selects.CANARY_OF_TARGET, series=Series.PROXY, both_versions=True, source="apisix.go:apisixQueries"
    ),
    Observer("knative", Selects.REVISION, series=Series.REVISION, source="knative.go:knativeQueries"),
)


def provider_of(name: str) -> Provider:
    """The provider of `spec.provider`; Flagger treats an unknown name as Istio."""
    return _matching(PROVIDERS, name) or ISTIO


def is_known(name: str) -> bool:
    """Whether Flagger has a router of its own for the name."""
    return _matching(PROVIDERS, name) is not None


def reads(name: str, field: tuple[str, ...]) -> bool:
    """Whether the provider's router reads a field below `spec`; True for fields not in FIELD_READERS."""
    readers = FIELD_READERS.get(field)
    return readers is None or provider_of(name).route in readers


def observer_of(name: str) -> Observer:
    """The queries of a metrics provider: `spec.provider`, with the suffix `:service` if the target is a Service."""
    return _matching(OBSERVERS, name) or ISTIO_OBSERVER


_Entry = TypeVar("_Entry", Provider, Observer)


def _matching(table: tuple[_Entry, ...], name: str) -> _Entry | None:
    return next((each for each in table if each.name == name or (each.prefix and name.startswith(each.name))), None)
