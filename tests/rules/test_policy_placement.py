"""The rule policy-placement: gateways in every notation, the hosts of an Ingress, releases without a namespace."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chartgen.helm.select import select_engine
from chartgen.lint.manifest_files import manifest_releases
from chartgen.rules.cluster import Cluster
from chartgen.rules.organization_policy import policy_of
from chartgen.rules.policy.policy_placement import PolicyPlacement, resolved_gateway


@pytest.mark.parametrize(
    ("name", "resolved"),
    [
        ("istio-system/public", "istio-system/public"),
        ("./public", "here/public"),
        ("public", "here/public"),
        ("public.istio-system.svc.cluster.local", "istio-system/public"),
        ("public.istio-system", "istio-system/public"),
    ],
)
def test_a_gateway_is_found_as_istio_finds_it(name: str, resolved: str) -> None:
    assert resolved_gateway(name, "here") == resolved


def messages(
    policy: dict[str, Any], canary: dict[str, Any], *others: dict[str, Any], namespace: str = "here", allowed: Any = ()
) -> list[str]:
    body = {"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": {"name": "app"}, **canary}
    text = "\n---\n".join(json.dumps(manifest) for manifest in (body, *others))
    (rendering,) = manifest_releases(select_engine("embedded"), text, "all.yaml", namespace).renderings
    rule = PolicyPlacement(Cluster(policy=policy_of(policy), allowed_namespaces=allowed))
    return [problem.message for problem in rule.check(rendering.manifests[0], rendering)]


@pytest.mark.parametrize(
    ("ref", "count"), [({"name": "public", "namespace": "edge"}, 0), ({"name": "public"}, 1), ({"name": "open"}, 0)]
)
def test_gateways_of_the_gateway_api_have_the_canarys_namespace(ref: dict[str, str], count: int) -> None:
    policy = {"gateways": ["edge/*", "here/open"]}
    assert len(messages(policy, {"spec": {"service": {"gatewayRefs": [ref]}}})) == count


def test_hosts_of_the_ingress_the_canary_refers_to_count() -> None:
    canary = {"spec": {"provider": "nginx", "ingressRef": {"name": "front"}, "service": {"port": 80}}}
    rules = [{"host": "SHOP.brand.test"}, {"host": "else.test"}, {"http": {}}]
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "front"},
        "spec": {"rules": rules},
    }
    other = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "other"},
        "spec": {"rules": [{"host": "x.test"}]},
    }
    assert messages({"hosts": ["*.brand.test"]}, canary, ingress, other) == [
        "the policy doesn't allow the host else.test; allowed: *.brand.test",
        "the policy doesn't allow the host *; allowed: *.brand.test",
    ]


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ({"namespace": "live"}, []),
        ({"namespace": "dev"}, ["the policy doesn't allow the namespace dev; allowed: live"]),
        ({"namespace": "default"}, ["nothing restricts the Canary to the namespaces that the policy allows: live"]),
        (
            {"namespace": "default", "allowed": ("default",)},
            ["the policy doesn't allow the namespace default; allowed: live"],
        ),
    ],
)
def test_an_unrestricted_namespace_has_a_message_of_its_own(release: dict[str, Any], expected: list[str]) -> None:
    assert messages({"namespaces": ["live"]}, {"spec": {}}, **release) == expected
