"""Canaries that the API server accepts and that take Flagger down for everybody; on a plane of their own.

Seen on Flagger 1.44.0: a fraction where a Go int is read, an Ingress without annotations with provider skipper
(pkg/router/skipper.go:makeAnnotations writes into a nil map), an Ingress rule without `http`, which the routers of nginx
and skipper dereference (pkg/router/ingress.go, skipper.go), a TraefikService of the apex name without `weighted`
(traefik.go:Reconcile), an ApisixRoute of Flagger's name without weights (apisix.go:GetRoutes), and whatever makes the
router for Knative log, because it has no logger (factory.go:MeshRouter).
"""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.flagger.crd import admit
from tests.e2e.client import MERGE_PATCH
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
    more: tuple[JsonObject, ...] = ()

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
        return [deployment, *([self._ingress(self.ingress)] if self.ingress else []), *self.more]

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
            client.delete(manifest["apiVersion"], manifest["kind"], NAMESPACE, manifest["metadata"]["name"])


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


def _traefik_service(name: str, spec: JsonObject) -> JsonObject:
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "traefik.io/v1alpha1", "kind": "TraefikService", "metadata": metadata, "spec": spec}


def _apisix_route(name: str, entry: JsonObject) -> JsonObject:
    metadata = {"name": name, "namespace": NAMESPACE}
    spec = {"http": [{"name": "app", "match": {"paths": ["/*"]}, **entry}]}
    return {"apiVersion": APISIX, "kind": "ApisixRoute", "metadata": metadata, "spec": spec}


def _apisix(name: str, weights: tuple[JsonObject, JsonObject]) -> App:
    """The users' route, and one with the name and the content of Flagger's."""
    users = _apisix_route(name, {"backends": [{"serviceName": name, "servicePort": 80}]})
    backends = [
        {"serviceName": f"{name}-{role}", "servicePort": 80, **weight}
        for role, weight in zip(("primary", "canary"), weights, strict=True)
    ]
    generated = _apisix_route(f"{name}-{name}-canary", {"priority": 10000, "backends": backends})
    reference = {"apiVersion": APISIX, "kind": "ApisixRoute", "name": name}
    return App(name, {"provider": "apisix", "routeRef": reference}, more=(users, generated))


APISIX = "apisix.apache.org/v2"
_MIRRORING = {"mirroring": {"name": "elsewhere", "port": 80}}
MIRROR = App("mirror-traefik", {"provider": "traefik"}, more=(_traefik_service("mirror-traefik", _MIRRORING),))
WEIGHTLESS = _apisix("weightless-apisix", ({}, {}))
# The same with what was wrong set right.
HARMLESS = (
    App("whole", {"analysis": {"interval": "10s", "threshold": 2, "stepWeight": 2.0, "maxWeight": 50}}),
    _with_ingress("annotated-skipper", "skipper", {"annotations": {"a": "b"}}, [_rule("annotated-skipper")]),
    _with_ingress("plain-nginx", "nginx", {"annotations": {"a": "b"}}, [_rule("plain-nginx")]),
    _apisix("weighted-apisix", ({"weight": 100}, {"weight": 0})),
    App("split-traefik", {"provider": "traefik"}, more=(_traefik_service("split-traefik", {"weighted": {}}),)),
)
KNATIVE = "serving.knative.dev/v1"
_REVISION, _PRIMARY = "knative-app-00001", "flagger.app/primary-revision"


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
    return _named_phase(client, app.name)


def _named_phase(client: Client, name: str) -> Any:
    canary = client.get(*CANARY, name) or {}
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


def _release(client: Client, app: App) -> None:
    template = {"metadata": {"annotations": {"version": "2"}}}
    client.patch("apps/v1", "Deployment", NAMESPACE, app.name, {"spec": {"template": template}})


@pytest.mark.parametrize(("app", "at_once"), [(MIRROR, True), (WEIGHTLESS, False)])
def test_a_route_without_weights_kills_flagger_again_and_again(
    app: App, at_once: bool, frail: Plane, flagger: Child
) -> None:
    """The TraefikService does so at once, the ApisixRoute with the next release."""
    app.create(frail.client)
    try:
        if not at_once:
            assert _eventually(lambda: _phase(frail.client, app) == "Initialized"), flagger.tail()
            _release(frail.client, app)
        assert _eventually(lambda: not flagger.alive), flagger.tail()
        assert ("traefik.go" if at_once else "apisix.go") in flagger.tail(20_000)
        again = frail.run_flagger()
        assert _eventually(lambda: not again.alive), again.tail()
    finally:
        app.delete(frail.client)


def _knative_canary(name: str, spec: JsonObject) -> JsonObject:
    analysis = {"interval": "10s", "threshold": 2, "stepWeight": 10, "maxWeight": 50}
    target = {"apiVersion": KNATIVE, "kind": "Service", "name": name}
    body = {"provider": "knative", "targetRef": target, "analysis": analysis, **spec}
    return {"apiVersion": CANARY[0], "kind": "Canary", "metadata": {"name": name, "namespace": NAMESPACE}, "spec": body}


@pytest.fixture
def knative(frail: Plane) -> Iterator[str]:
    """A Knative Service with a ready revision, as Knative's controllers leave it."""
    client, name = frail.client, "knative-app"
    metadata = {"name": name, "namespace": NAMESPACE}
    template = {"spec": {"containers": [{"image": "registry.test/app:1"}]}}
    client.create({"apiVersion": KNATIVE, "kind": "Service", "metadata": metadata, "spec": {"template": template}})
    revision = {"apiVersion": KNATIVE, "kind": "Revision", "metadata": {**metadata, "name": _REVISION}}
    client.create({**revision, "spec": template["spec"]})
    ready = {"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "True"}]}
    for kind, of, status in (
        ("Revision", _REVISION, ready),
        ("Service", name, {**ready, "latestCreatedRevisionName": _REVISION, "latestReadyRevisionName": _REVISION}),
    ):
        path = client.path(KNATIVE, kind, NAMESPACE, of)
        client.must("PATCH", f"{path}/status", {"status": status}, content_type=MERGE_PATCH)
    yield name
    for kind, of in (("Service", name), ("Revision", _REVISION)):
        client.delete(KNATIVE, kind, NAMESPACE, of)


@pytest.mark.parametrize("reverts", [True, False])
def test_deleting_a_knative_canary_kills_flagger_if_it_reverts(
    reverts: bool, frail: Plane, flagger: Child, knative: str
) -> None:
    canary = _knative_canary(knative, {"revertOnDeletion": reverts})
    assert admit(canary).accepted
    frail.client.create(canary)
    try:
        assert _eventually(lambda: _named_phase(frail.client, knative) == "Initialized"), flagger.tail()
        frail.client.delete(*CANARY, knative)
        assert _eventually(lambda: not flagger.alive, 30.0) is reverts, flagger.tail()
        if reverts:
            assert "knative.go" in flagger.tail(20_000)
            # The Service has lost the annotation by then, so the next one finishes.
            frail.flagger = frail.start_flagger()
            assert _eventually(lambda: frail.client.get(*CANARY, knative) is None), frail.flagger.tail()
            frail.flagger.stop()
    finally:
        if frail.client.get(*CANARY, knative):
            frail.client.patch(*CANARY, knative, {"metadata": {"finalizers": None}})


def test_taking_the_primary_revision_away_kills_flagger(frail: Plane, flagger: Child, knative: str) -> None:
    frail.client.create(_knative_canary(knative, {}))
    try:
        assert _eventually(lambda: _named_phase(frail.client, knative) == "Initialized"), flagger.tail()
        frail.client.patch(KNATIVE, "Service", NAMESPACE, knative, {"metadata": {"annotations": {_PRIMARY: None}}})
        assert _eventually(lambda: not flagger.alive), flagger.tail()
        assert "knative.go" in flagger.tail(20_000)
    finally:
        frail.client.delete(*CANARY, knative)


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
