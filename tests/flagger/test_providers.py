"""The table of providers against Flagger's CRD, its factories and the simulation, which recordings of Flagger hold."""

from __future__ import annotations

from typing import Any

import pytest

from chartgen.flagger.crd import known_fields
from chartgen.flagger.crd.fields import structural_schema
from chartgen.flagger.crd.releases import NEWEST
from chartgen.flagger.generated import generated_objects
from chartgen.flagger.providers import (
    INGRESS,
    OBSERVERS,
    PROVIDERS,
    Provider,
    Selects,
    observer_of,
    provider_of,
)
from chartgen.flagger.schedule import simulate
from chartgen.flagger.schedule.routers import ROUTERS
from tests.flagger.schedule.canaries import canary, deployment

BACKEND = {"service": {"name": "app", "port": {"number": 80}}}
OBJECTS: list[dict[str, Any]] = [
    {
        "kind": "Ingress",
        "metadata": {"name": "app", "annotations": {"kubernetes.io/ingress.class": "any"}},
        "spec": {"rules": [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": BACKEND}]}}]},
    },
    {
        "kind": "ApisixRoute",
        "metadata": {"name": "app"},
        "spec": {"http": [{"name": "app", "backends": [{"serviceName": "app", "servicePort": 80}]}]},
    },
]
REFERENCES: dict[tuple[str, ...], Any] = {
    INGRESS: {"name": "app"},
    ("routeRef",): {"name": "app"},
    ("service", "gatewayRefs"): [{"name": "gateway"}],
    ("service", "meshName"): "mesh",
}
SPLITTING = [provider for provider in PROVIDERS if provider.weights and provider.name != "knative"]


def test_the_table_holds_the_names_the_newest_crd_allows() -> None:
    spec = structural_schema("Canary", NEWEST)["properties"]["spec"]["properties"]
    assert sorted(provider.name for provider in PROVIDERS) == sorted(spec["provider"]["enum"])


def test_each_provider_has_a_router_and_queries_of_its_own_or_istios() -> None:
    assert list(ROUTERS) == [provider.name for provider in PROVIDERS]
    of_istio = {provider.name for provider in PROVIDERS if observer_of(provider.name).name == "istio"}
    assert of_istio == {"istio", "smi:v1alpha1", "smi:v1alpha2", "smi:v1alpha3"}
    assert {observer_of(provider.name) for provider in PROVIDERS} == set(OBSERVERS)


@pytest.mark.parametrize(
    ("name", "provider", "observer"),
    [
        ("gatewayapi:v1beta1", "gatewayapi:v1beta1", "gatewayapi"),
        ("gatewayapi:v1alpha2", "gatewayapi:v1", "gatewayapi"),
        ("gatewayapi", "istio", "gatewayapi"),
        ("appmesh:v1beta1", "istio", "appmesh"),
        ("appmesh:v1beta2", "appmesh:v1beta2", "appmesh"),
        ("smi", "istio", "istio"),
        ("smi:v1alpha2:mesh", "smi:v1alpha2", "istio"),
        ("gloo:v1", "gloo", "gloo"),
        ("nginx:service", "istio", "istio"),
        ("", "istio", "istio"),
    ],
)
def test_names_are_matched_as_by_flaggers_factories(name: str, provider: str, observer: str) -> None:
    assert (provider_of(name).name, observer_of(name).name) == (provider, observer)


def test_aliases_are_not_names_and_belong_to_a_single_provider() -> None:
    aliases = [alias for provider in PROVIDERS for alias in provider.aliases]
    assert len(set(aliases)) == len(aliases)
    assert not set(aliases) & {provider.name for provider in PROVIDERS}


def test_references_are_fields_of_the_crd() -> None:
    for provider in PROVIDERS:
        if provider.reference:
            assert provider.reference[-1] in known_fields(("spec", *provider.reference[:-1]))


def test_queries_by_pod_and_by_deployment() -> None:
    by_pod = {observer.name for observer in OBSERVERS if observer.selects is Selects.PODS}
    assert by_pod == {"appmesh", "kubernetes", "gatewayapi"}
    assert {observer.name for observer in OBSERVERS if observer.mean} == {"nginx", "skipper"}


def _asked(provider: Provider, *, reference: bool) -> dict[str, Any]:
    made = canary({"stepWeight": 50, "maxWeight": 50}, provider=provider.name)
    made["spec"]["service"].pop("gatewayRefs", None)
    if reference and provider.reference:
        *above, last = provider.reference
        place = made["spec"][above[0]] if above else made["spec"]
        place[last] = REFERENCES[provider.reference]
    return made


@pytest.mark.parametrize("provider", SPLITTING, ids=lambda provider: provider.name)
def test_weights_reach_a_route_of_the_kind_in_the_table(provider: Provider) -> None:
    timeline = simulate(_asked(provider, reference=True), [deployment(), *OBJECTS])
    assert timeline.outcome.end.value == "succeeded"
    before = {(each["kind"], each["metadata"]["name"]) for each in OBJECTS}
    state = timeline.ticks[-1].state
    made = {key for key in state.objects if key not in before}
    assert provider.route in {kind for kind, _ in made}
    if not provider.name.startswith("appmesh"):
        # Of App Mesh's objects only the apex's router is simulated, which v1beta1 calls a VirtualService.
        listed = {(each.kind, each.name) for each in generated_objects(state.canary, None, NEWEST)}
        assert listed == (made | set(state.workloads)) - {("Deployment", "app")}


@pytest.mark.parametrize("provider", SPLITTING, ids=lambda provider: provider.name)
def test_without_its_reference_and_only_then_every_tick_fails(provider: Provider) -> None:
    outcome = simulate(_asked(provider, reference=False), [deployment(), *OBJECTS]).outcome
    assert outcome.reason.startswith("never initialized") == (provider.reference is not None)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_every_provider_that_splits_traffic_needs_an_api(provider: Provider) -> None:
    assert bool(provider.apis) == provider.weights
    for api in provider.apis:
        group, version, plural = api.split("/")
        assert "." in group
        assert version.startswith("v")
        assert plural.endswith("s")
