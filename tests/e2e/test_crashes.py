"""Canaries that the API server accepts and that take Flagger down for everybody; on a plane of their own.

Seen on Flagger 1.44.0: a fraction where a Go int is read, an Ingress without annotations with provider skipper
(pkg/router/skipper.go:makeAnnotations writes into a nil map), and an Ingress rule without `http`, which the routers of
nginx and skipper dereference (pkg/router/ingress.go, skipper.go).
"""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.flagger.crd import admit
from tests.e2e.plane import Plane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.client import Client, JsonObject
    from tests.e2e.process import Child

NAMESPACE = "frail"
CANARY = ("flagger.app/v1beta1", "Canary", NAMESPACE)
# Flagger's loop looks every second; two intervals are more than a new Canary waits for its first tick.
_LONG_ENOUGH = 20.0


@dataclass(frozen=True, slots=True)
class App:
    """A Canary and what it manages."""

    name: str
    spec: JsonObject = field(default_factory=dict)
    ingress: JsonObject | None = None

    @property
    def canary(self) -> JsonObject:
        analysis = {"interval": "10s", "threshold": 2, "stepWeight": 10, "maxWeight": 50}
        spec: JsonObject = {
            "provider": "istio",
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": self.name},
            "service": {"port": 80, "targetPort": 8080},
            "analysis": analysis,
            **copy.deepcopy(self.spec),
        }
        return {"apiVersion": CANARY[0], "kind": "Canary", "metadata": self._metadata(), "spec": spec}

    @property
    def objects(self) -> list[JsonObject]:
        labels = {"app": self.name}
        container = {"name": "app", "image": "registry.test/app:1", "ports": [{"containerPort": 8080}]}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
        spec = {"selector": {"matchLabels": labels}, "template": template}
        deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": self._metadata(), "spec": spec}
        return [deployment, *([self._ingress(self.ingress)] if self.ingress else [])]

    def _ingress(self, manifest: JsonObject) -> JsonObject:
        metadata = {**self._metadata(), **manifest["metadata"]}
        return {**INGRESS_REF, "metadata": metadata, "spec": manifest["spec"]}

    def _metadata(self) -> JsonObject:
        return {"name": self.name, "namespace": NAMESPACE}

    def create(self, client: Client) -> None:
        for manifest in [*self.objects, self.canary]:
            client.create(manifest)

    def delete(self, client: Client) -> None:
        for manifest in [self.canary, *self.objects]:
            client.delete(manifest["apiVersion"], manifest["kind"], NAMESPACE, self.name)


INGRESS_REF = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress"}


def _with_ingress(name: str, provider: str, metadata: JsonObject, rules: list[JsonObject]) -> App:
    spec = {"provider": provider, "ingressRef": {**INGRESS_REF, "name": name}}
    backend = {"service": {"name": name, "port": {"number": 80}}}
    default = {"defaultBackend": backend} if not any("http" in rule for rule in rules) else {}
    return App(name, spec, {"metadata": metadata, "spec": {"rules": rules, **default}})


def _rule(name: str) -> JsonObject:
    backend = {"service": {"name": name, "port": {"number": 80}}}
    return {"host": "a.example.test", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}


FRACTION = App("fraction", {"analysis": {"interval": "10s", "threshold": 2, "stepWeight": 2.5, "maxWeight": 50}})
PANICS = (
    _with_ingress("bare-skipper", "skipper", {}, [_rule("bare-skipper")]),
    _with_ingress("no-http-nginx", "nginx", {"annotations": {"a": "b"}}, [_rule("no-http-nginx"), {"host": "b.test"}]),
    _with_ingress(
        "no-http-skipper", "skipper", {"annotations": {"a": "b"}}, [{"host": "b.test"}, _rule("no-http-skipper")]
    ),
)
# The same with what was wrong set right.
HARMLESS = (
    App("whole", {"analysis": {"interval": "10s", "threshold": 2, "stepWeight": 2.0, "maxWeight": 50}}),
    _with_ingress("annotated-skipper", "skipper", {"annotations": {"a": "b"}}, [_rule("annotated-skipper")]),
    _with_ingress("plain-nginx", "nginx", {"annotations": {"a": "b"}}, [_rule("plain-nginx")]),
)


@pytest.fixture(scope="module")
def frail(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with Plane(tmp_path_factory.mktemp("frail")) as plane:
        plane.client.ensure_namespace(NAMESPACE)
        yield plane


@pytest.fixture
def flagger(frail: Plane) -> Iterator[Child]:
    """A Flagger that works now; what a test leaves dead is ended before the next."""
    if not frail.flagger.alive:
        frail.flagger = frail.start_flagger()
    yield frail.flagger
    frail.flagger.stop()


def _eventually(done: Callable[[], bool], within: float = 60.0) -> bool:
    end = time.monotonic() + within
    while not done() and time.monotonic() < end:
        time.sleep(0.2)
    return done()


def _phase(client: Client, app: App) -> Any:
    canary = client.get(*CANARY, app.name) or {}
    return (canary.get("status") or {}).get("phase")


def test_harmless_canaries_do_not_crash_flagger(frail: Plane, flagger: Child) -> None:
    for app in HARMLESS:
        app.create(frail.client)
    assert _eventually(lambda: [_phase(frail.client, app) for app in HARMLESS] == ["Initialized"] * len(HARMLESS))
    assert flagger.alive
    for app in HARMLESS:
        app.delete(frail.client)


@pytest.mark.parametrize("app", PANICS, ids=lambda app: app.name)
def test_flagger_dies_and_dies_again(app: App, frail: Plane, flagger: Child) -> None:
    assert admit(app.canary).accepted
    app.create(frail.client)
    try:
        assert _eventually(lambda: not flagger.alive), flagger.tail()
        assert "panic: " in flagger.tail(20_000)
        again = frail.run_flagger()
        assert _eventually(lambda: not again.alive), again.tail()
    finally:
        app.delete(frail.client)


def test_a_fraction_blinds_flagger_and_keeps_it_from_starting(frail: Plane, flagger: Child) -> None:
    assert admit(FRACTION.canary).accepted
    FRACTION.create(frail.client)
    bystander = App("bystander")
    try:
        bystander.create(frail.client)
        time.sleep(_LONG_ENOUGH)
        assert _phase(frail.client, bystander) is None, "Flagger saw a Canary made after the fraction"
        flagger.stop()
        again = frail.run_flagger()
        time.sleep(_LONG_ENOUGH)
        assert not frail.flagger_works(again)
        again.stop()
    finally:
        FRACTION.delete(frail.client)
        bystander.delete(frail.client)
