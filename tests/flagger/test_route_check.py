"""Which generated routes the API server refuses, and what the simulator makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from chartgen.flagger.crd.provider_crds import refusals_of
from chartgen.flagger.schedule import route_error, simulate, upgrade
from chartgen.flagger.schedule.errors import RouteRefusedError, path_text
from tests.flagger.schedule.canaries import canary, deployment

_GATEWAY = {"gatewayRefs": [{"name": "edge", "namespace": "gateways"}]}


def _canary(provider: str, service: dict[str, Any], analysis: dict[str, Any] | None = None) -> dict[str, Any]:
    made = canary({"stepWeight": 50, "maxWeight": 50, **(analysis or {})}, provider=provider)
    made["spec"]["service"] = {"port": 80, **service}
    return made


@pytest.mark.parametrize(
    ("provider", "service", "analysis", "path"),
    [
        ("contour", {"retries": {"attempts": 2}}, {}, "spec.routes[0].retryPolicy.retryOn[0]"),
        ("contour", {"retries": {"attempts": 2, "retryOn": "5xx,5XX"}}, {}, "spec.routes[0].retryPolicy.retryOn[1]"),
        ("contour", {"timeout": "15 s"}, {}, "spec.routes[0].timeoutPolicy.response"),
        (
            "contour",
            {"retries": {"perTryTimeout": "1", "retryOn": "5xx"}},
            {},
            "spec.routes[0].retryPolicy.perTryTimeout",
        ),
        ("istio", {"timeout": "0s"}, {}, "spec.http[0].timeout"),
        ("istio", {"timeout": "15"}, {}, "spec.http[0].timeout"),
        ("istio", {"retries": {"attempts": 2, "perTryTimeout": "0s"}}, {}, "spec.http[0].retries.perTryTimeout"),
        ("istio", {"trafficPolicy": {"tls": {"mode": "STRICT"}}}, {}, "spec.trafficPolicy.tls.mode"),
        ("gatewayapi:v1", {**_GATEWAY, "match": [{"uri": {"prefix": "a"}}]}, {}, "spec.rules[0].matches[0].path"),
        ("gatewayapi:v1", {**_GATEWAY, "timeout": "1d"}, {}, "spec.rules[0].timeouts.request"),
        ("gatewayapi:v1beta1", {**_GATEWAY, "hosts": ["Shop.Test"]}, {}, "spec.hostnames[0]"),
        (
            "gatewayapi:v1",
            {**_GATEWAY, "rewrite": {"uri": "/", "type": "ReplacePrefixMatch"}, "match": [{"uri": {"exact": "/a"}}]},
            {},
            "spec.rules[0]",
        ),
        ("appmesh:v1beta2", {"retries": {"retryOn": ""}}, {"match": [{"headers": {"x": {"exact": ""}}}]}, ""),
        ("appmesh:v1beta2", {"timeout": "-5s"}, {}, "spec.routes[0].httpRoute.timeout.perRequest.value"),
    ],
)
def test_the_refused_field_of_the_route_is_named(
    provider: str, service: dict[str, Any], analysis: dict[str, Any], path: str
) -> None:
    error = route_error(_canary(provider, service, analysis), [])
    if not path:
        assert error is None
        return
    assert isinstance(error, RouteRefusedError)
    assert path_text(error.refusals[0][0]) == path


@pytest.mark.parametrize(
    ("provider", "service"),
    [
        ("contour", {"retries": {"attempts": 2, "retryOn": "5xx,reset", "perTryTimeout": "1s"}, "timeout": "15s"}),
        ("istio", {"timeout": "15s", "hosts": ["*"], "retries": {"attempts": 2}, "match": [{"uri": {"prefix": "/"}}]}),
        ("gatewayapi:v1", {**_GATEWAY, "timeout": "15s", "corsPolicy": {"allowOrigin": ["https://a.test"]}}),
        ("traefik", {}),
        ("gloo", {}),
        ("appmesh:v1beta2", {"retries": {"attempts": 3}, "timeout": "15s"}),
    ],
)
def test_usual_settings_are_accepted(provider: str, service: dict[str, Any]) -> None:
    assert route_error(_canary(provider, service), []) is None


def test_a_canary_whose_route_is_refused_never_initializes() -> None:
    outcome = simulate(_canary("contour", {"retries": {"attempts": 2}}), [deployment()]).outcome
    assert outcome.reason.startswith("never initialized: HTTPProxy app.prod create error: ")
    assert 'is invalid: spec.routes[0].retryPolicy.retryOn[0]: ""' in outcome.reason


def _gateway(**listener: Any) -> dict[str, Any]:
    spec = {"listeners": [{"name": "web", "port": 80, "protocol": "HTTP", **listener}]}
    metadata = {"name": "edge", "namespace": "gateways"}
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    ("listener", "reason"),
    [
        ({}, "listener web admits routes from its own namespace only"),
        ({"allowedRoutes": {"namespaces": {"from": "None"}}}, "listener web admits routes from no namespace"),
        ({"protocol": "TLS"}, "listener web has protocol TLS"),
        ({"allowedRoutes": {"namespaces": {"from": "All"}}, "hostname": "*.other.test"}, "web serves *.other.test"),
    ],
)
def test_no_release_begins_before_the_gateway_accepts_the_route(listener: dict[str, Any], reason: str) -> None:
    made = _canary("gatewayapi:v1", {**_GATEWAY, "hosts": ["a.brand.test"]})
    outcome = upgrade(made, [deployment(), _gateway(**listener)]).outcome
    assert outcome.end.value == "stalled"
    assert reason in outcome.reason
    for provider, flagger in (("gatewayapi:v1beta1", "1.44.0"), ("gatewayapi:v1", "1.41.0")):
        made["spec"]["provider"] = provider
        assert upgrade(made, [deployment(), _gateway(**listener)], flagger=flagger).outcome.end.value == "succeeded"
    accepting = _gateway(allowedRoutes={"namespaces": {"from": "All"}})
    assert upgrade(made, [deployment(), accepting]).outcome.end.value == "succeeded"


def _foreign(api_version: str, kind: str, name: str, spec: dict[str, Any], namespace: str = "prod") -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    ("provider", "foreign"),
    [
        ("istio", _foreign("appmesh.k8s.aws/v1beta2", "VirtualService", "app", {"http": [{"timeout": "soon"}]})),
        ("istio", _foreign("serving.knative.dev/v1", "Service", "app", {"ports": "none", "selector": {"a": "b"}})),
        ("istio", _foreign("example.test/v1", "Deployment", "app", {"replicas": 0})),
        ("traefik", _foreign("traefik.containo.us/v1alpha1", "TraefikService", "app", {"weighted": {"services": 1}})),
        ("gatewayapi:v1", _foreign("networking.istio.io/v1", "Gateway", "edge", {"servers": []}, "gateways")),
        ("gatewayapi:v1", _foreign("example.test/v1", "HTTPRoute", "app", {"rules": [{"matches": "all"}]})),
    ],
)
def test_objects_of_another_group_with_the_same_kind_and_name_change_nothing(
    provider: str, foreign: dict[str, Any]
) -> None:
    made = _canary(provider, _GATEWAY if provider.startswith("gatewayapi") else {})
    assert route_error(made, [foreign]) is None
    alone = upgrade(made, [deployment()])
    assert alone.outcome.end.value == "succeeded"
    for objects in ([deployment(), foreign], [foreign, deployment()]):
        beside = upgrade(made, objects)
        assert [tick.events for tick in beside.ticks] == [tick.events for tick in alone.ticks]
        assert beside.ticks[-1].state.objects == alone.ticks[-1].state.objects


def test_a_route_is_judged_by_the_crd_of_its_own_group_only() -> None:
    refused = {"http": [{"timeout": "soon"}]}
    assert refusals_of("networking.istio.io/v1beta1", "VirtualService", refused)
    assert refusals_of("appmesh.k8s.aws/v1beta1", "VirtualService", refused) == ()
    assert refusals_of("v1beta1", "VirtualService", refused) == ()
