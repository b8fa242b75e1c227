"""Namespace, provider, gateways and hosts that the policy does not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.policy_rule import PolicyRule, is_allowed
from chartgen.rules.reading.canary import items
from chartgen.rules.reading.neighbours import beside, namespace_of
from chartgen.rules.rule import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

# The namespace of a release nobody named one for.
_UNTOLD = "default"
# Not a gateway, but Istio's word for the sidecars.
_MESH = "mesh"


class PolicyPlacement(PolicyRule):
    id = "policy-placement"
    summary = "namespace, provider, gateway or host that the policy doesn't allow"

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        yield from self._namespace(canary, rendering)
        provider = canary.provider(self.cluster)
        if not is_allowed(provider, self.policy.providers):
            yield Problem(_told("provider", provider, self.policy.providers), at=("spec", "provider"))
        for at, name, resolved in _gateways(canary, namespace_of(canary.manifest, rendering)):
            if not (is_allowed(name, self.policy.gateways) or is_allowed(resolved, self.policy.gateways)):
                yield Problem(_told("gateway", resolved, self.policy.gateways), at=at)
        yield from self._hosts(canary, rendering)

    def _namespace(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        allowed, written = self.policy.namespaces, canary.manifest.namespace
        namespace = namespace_of(canary.manifest, rendering)
        if is_allowed(namespace, allowed):
            return
        if written or namespace != _UNTOLD or namespace in self.cluster.allowed_namespaces:
            told = _told("namespace", namespace, allowed)
        else:
            told = f"nothing keeps the Canary to the namespaces the policy allows: {', '.join(allowed)}"
        yield Problem(told, at=("metadata", "namespace") if written else ("kind",))

    def _hosts(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        """Those the Canary has Flagger serve, and those of the Ingress it refers to."""
        allowed = self.policy.hosts
        for index, host in enumerate(canary.hosts):
            if not is_allowed(str(host).lower(), allowed):
                yield Problem(_told("host", str(host), allowed), at=("spec", "service", "hosts", index))
        for ingress in beside(canary.manifest, rendering, "Ingress"):
            if ingress.name != canary.field("ingressRef", "name"):
                continue
            for index, rule in enumerate(items(ingress.get(("spec", "rules")))):
                host = str(rule.get("host") or "*") if isinstance(rule, dict) else "*"
                if not is_allowed(host.lower(), allowed):
                    yield Problem(_told("host", host, allowed), at=("spec", "rules", index, "host"), manifest=ingress)


def _gateways(canary: Canary, namespace: str) -> Iterator[tuple[Route, str, str]]:
    """Where a gateway is written, as what, and as `namespace/name`: Istio's, and those of the Gateway API."""
    for index, name in enumerate(canary.gateways):
        if name != _MESH:
            yield ("spec", "service", "gateways", index), str(name), resolved_gateway(str(name), namespace)
    for index, one in enumerate(items(canary.service.get("gatewayRefs"))):
        if isinstance(one, dict):
            resolved = f"{one.get('namespace') or namespace}/{one.get('name')}"
            yield ("spec", "service", "gatewayRefs", index, "name"), str(one.get("name")), resolved


def resolved_gateway(name: str, namespace: str) -> str:
    """`namespace/name` of a gateway that a VirtualService names (Istio's virtualservice.go:resolveGatewayName)."""
    home, slash, rest = name.partition("/")
    if slash:
        return f"{namespace}/{rest}" if home == "." else name
    first, dot, others = name.partition(".")
    return f"{others.partition('.')[0]}/{first}" if dot else f"{namespace}/{name}"


def _told(what: str, name: str, allowed: tuple[str, ...]) -> str:
    return f"{what} {name} is none of those the policy allows: {', '.join(allowed)}"
