"""The API server's verdict on routes that Flagger writes, beside chartgen's: the providers' CRDs with their CEL rules."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.flagger.crd.provider_crds import refusals_of
from chartgen.flagger.schedule import route_error
from chartgen.flagger.schedule.routers import router
from chartgen.resources import schema
from tests.e2e.apiserver import ApiServer

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMESPACE = "routes"
PROVIDERS = ("contour", "istio", "gatewayapi:v1", "gatewayapi:v1beta1", "traefik", "gloo", "appmesh:v1beta2", "apisix")
_COUNT = 60
_TIMES = ("15s", "0s", "1m", "1d", "15", "1.5s", "", "soon", "-1s", "100ms", "1h30m", "infinity")
_PATHS = ("/", "/api", "api", "/a//b", "/a b", "/..", "/a#b", "^/[a-z]+$", "", "/%2F", "/./x")
_HEADERS = ("x-user", "X User", "x:y", ":authority", "cookie", "")
_HOSTS = ("shop.brand.test", "*.brand.test", "*", "Shop.Test", "a_b.test", "shop.brand.test.", "1.2.3.4", "")


class Invention:
    """Random settings, mostly such as people write."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def canary(self, provider: str, number: int) -> dict[str, Any]:
        analysis: dict[str, Any] = {"interval": "1m", "threshold": 2, "stepWeight": 50, "maxWeight": 50}
        if self._chance(0.3):
            analysis |= {"iterations": 2, "match": [self._match()]}
        name = f"route-{number}"
        spec: dict[str, Any] = {
            "provider": provider,
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "service": self._service(provider),
            "analysis": analysis,
            "routeRef": {"apiVersion": "apisix.apache.org/v2", "kind": "ApisixRoute", "name": "users"},
        }
        return {"kind": "Canary", "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}

    def users_route(self, canary: dict[str, Any]) -> dict[str, Any]:
        backend = {"serviceName": canary["metadata"]["name"], "servicePort": 80}
        entry = {"name": "app", "match": {"paths": [self._one(_PATHS)]}, "backends": [backend]}
        metadata = {"name": "users", "namespace": NAMESPACE}
        return {"kind": "ApisixRoute", "metadata": metadata, "spec": {"http": [entry]}}

    def _service(self, provider: str) -> dict[str, Any]:
        made: dict[str, Any] = {"port": self._one((80, 8080, 0, 70000))}
        if provider.startswith("gatewayapi"):
            made["gatewayRefs"] = [self._gateway() for _ in range(self._one((1, 1, 2)))]
        optional = {
            "timeout": lambda: self._one(_TIMES),
            "backendTimeout": lambda: self._one(_TIMES),
            "hosts": lambda: [self._one(_HOSTS) for _ in range(self._one((1, 2)))],
            "retries": self._retries,
            "match": lambda: [self._match() for _ in range(self._one((1, 2)))],
            "rewrite": lambda: {"uri": self._one(_PATHS), **self._maybe("type", ("ReplacePrefixMatch", "x"))},
            "headers": lambda: {"request": {"add": {self._one(_HEADERS): "1"}, "remove": [self._one(_HEADERS)]}},
            "corsPolicy": self._cors,
            "trafficPolicy": self._policy,
        }
        return made | {name: make() for name, make in optional.items() if self._chance(0.25)}

    def _gateway(self) -> dict[str, Any]:
        name = self._one(("edge", "edge", "Edge", "other"))
        return {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": name, **self._maybe("port", (80, 0))}

    def _retries(self) -> dict[str, Any]:
        words = ("5xx", "5xx,reset", "5xx, reset", "timeout", "", "gateway-error")
        return {"attempts": self._one((0, 2, -1)), "perTryTimeout": self._one(_TIMES), "retryOn": self._one(words)}

    def _match(self) -> dict[str, Any]:
        match: dict[str, Any] = {}
        if self._chance(0.6):
            match["uri"] = {self._one(("prefix", "exact", "regex")): self._one(_PATHS)}
        if self._chance(0.5):
            match["headers"] = {self._one(_HEADERS): {self._one(("exact", "regex")): self._one(("a", "", "^b$"))}}
        if self._chance(0.3):
            match["method"] = {"exact": self._one(("GET", "get", "ANY"))}
        return match

    def _cors(self) -> dict[str, Any]:
        origins = ("https://a.test", "*", "a.test", "https://*.a.test")
        methods = [self._one(("GET", "get", "*")) for _ in range(2)]
        return {"allowOrigin": [self._one(origins)], "allowMethods": methods, "maxAge": self._one(_TIMES)}

    def _policy(self) -> dict[str, Any]:
        connect = {"connectTimeout": self._one(_TIMES)}
        return {"tls": {"mode": self._one(("DISABLE", "STRICT", ""))}, "connectionPool": {"tcp": connect}}

    def _maybe(self, name: str, values: tuple[Any, ...]) -> dict[str, Any]:
        return {name: self._one(values)} if self._chance(0.3) else {}

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _one(self, values: tuple[Any, ...]) -> Any:
        return self._random.choice(values)


def _written(seed: int, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, Any]]]:
    """API version, kind and spec of each route that Flagger would write for random Canaries, different ones only."""
    found: dict[str, tuple[str, str, dict[str, Any]]] = {}

    def record(api_version: str, kind: str, spec: dict[str, Any]) -> tuple[()]:
        found.setdefault(json.dumps([api_version, kind, spec], sort_keys=True), (api_version, kind, spec))
        return ()

    monkeypatch.setattr(router, "refusals_of", record)
    invention = Invention(seed)
    for number in range(_COUNT):
        for provider in PROVIDERS:
            canary = invention.canary(provider, number)
            route_error(canary, [invention.users_route(canary)])
    monkeypatch.undo()
    return list(found.values())


@pytest.fixture(scope="module")
def server(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    server = ApiServer(tmp_path_factory.mktemp("routes"))
    try:
        server.client.ensure_namespace(NAMESPACE)
        for kind, entry in schema("provider-crds.json").items():
            server.install_crd(entry["group"], kind, entry["versions"])
        yield server
    finally:
        server.stop()


def test_chartgen_refuses_what_the_api_server_refuses(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        (f"{entry['group']}/{version}", kind)
        for kind, entry in schema("provider-crds.json").items()
        for version in entry["versions"]
    }
    routes = [route for route in _written(20261126, monkeypatch) if route[:2] in known]
    differences, refused = [], 0
    for number, (api_version, kind, spec) in enumerate(routes):
        metadata = {"name": f"route-{number}", "namespace": NAMESPACE}
        answer = server.client.dry_run({"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec})
        accepted, refusals = answer.code < 400, refusals_of(api_version, kind, spec)
        refused += not accepted
        if accepted is bool(refusals):
            differences.append((kind, spec, refusals or answer.body.get("message")))
    assert not differences[:5], f"{len(differences)} of {len(routes)}"
    # Both verdicts must be frequent, or the comparison says nothing.
    assert min(refused, len(routes) - refused) > len(routes) // 10
