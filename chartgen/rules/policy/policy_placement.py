"""A namespace, provider, gateway or host that the policy doesn't allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_list
from chartgen.rules.policy_rule import PolicyRule, is_allowed
from chartgen.rules.reading.neighbours import in_same_namespace, namespace_of
from chartgen.rules.rule import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

# The namespace of a release without --namespace.
_DEFAULT = "default"
# Istio's reserved name for the sidecars, which isn't a gateway.
_MESH = "mesh"


class PolicyPlacement(PolicyRule):
    id = "policy-placement"
    summary = "namespace, provider, gateway or host that the policy doesn't allow"

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        yield from self._namespace(canary, rendering)
        provider = canary.provider(self.cluster)
        if not is_allowed(provider, self.policy.providers):
            yield Problem(_message("provider", provider, self.policy.providers), at=("spec", "provider"))
        for at, name, resolved in _gateways(canary, namespace_of(canary.manifest, rendering)):
            if not (is_allowed(name, self.policy.gateways) or is_allowed(resolved, self.policy.gateways)):
                yield Problem(_message("gateway", resolved, self.policy.gateways), at=at)
        yield from self._hosts(canary, rendering)

    def _namespace(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        allowed, written = self.policy.namespaces, canary.manifest.namespace
        namespace = namespace_of(canary.manifest, rendering)
        if is_allowed(namespace, allowed):
            return
        if written or namespace != _DEFAULT or namespace in self.cluster.allowed_namespaces:
            message = _message("namespace", namespace, allowed)
        else:
            message = f"nothing restricts the Canary to the namespaces that the policy allows: {', '.join(allowed)}"
        yield Problem(message, at=("metadata", "namespace") if written else ("kind",))

    def _hosts(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        """Check the hosts of service.hosts, and of the Ingress that the Canary refers to."""
        allowed = self.policy.hosts
        for index, host in enumerate(canary.hosts):
            if not is_allowed(str(host).lower(), allowed):
                yield Problem(_message("host", str(host), allowed), at=("spec", "service", "hosts", index))
        for ingress in in_same_namespace(canary.manifest, rendering, "Ingress"):
            if ingress.name != canary.field("ingressRef", "name"):
                continue
            for index, rule in enumerate(as_list(ingress.get(("spec", "rules")))):
                host = str(rule.get("host") or "*") if isinstance(rule, dict) else "*"
                if not is_allowed(host.lower(), allowed):
                    at = ("spec", "rules", index, "host")
                    yield Problem(_message("host", host, allowed), at=at, manifest=ingress)


def _gateways(canary: Canary, namespace: str) -> Iterator[tuple[Route, str, str]]:
    """Each gateway of Istio or the Gateway API: its route, its name as written, and its `namespace/name`."""
    for index, name in enumerate(canary.gateways):
        if name != _MESH:
            yield ("spec", "service", "gateways", index), str(name), resolved_gateway(str(name), namespace)
    for index, ref in enumerate(as_list(canary.service.get("gatewayRefs"))):
        if isinstance(ref, dict):
            resolved = f"{ref.get('namespace') or namespace}/{ref.get('name')}"
            yield ("spec", "service", "gatewayRefs", index, "name"), str(ref.get("name")), resolved


def resolved_gateway(name: str, namespace: str) -> str:
    """`namespace/name` of a gateway that a VirtualService names (Istio's virtualservice.go:resolveGatewayName)."""
    home, slash, rest = name.partition("/")
    if slash:
        return f"{namespace}/{rest}" if home == "." else name
    first, dot, others = name.partition(".")
    return f"{others.partition('.')[0]}/{first}" if dot else f"{namespace}/{name}"


def _message(field: str, name: str, allowed: tuple[str, ...]) -> str:
    return f"the policy doesn't allow the {field} {name}; allowed: {', '.join(allowed)}"
