"""A Gateway of the release that admits no route from the Canary's namespace, host or section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.behavior import behavior
from chartgen.flagger.canary import as_list, as_mapping, as_str
from chartgen.flagger.crd import NEWEST
from chartgen.flagger.gateways import GROUP, istio_refusal, route_refusal
from chartgen.flagger.providers import GATEWAYS, provider_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import labels_of, namespace_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class GatewayAdmitsNoRoute(CanaryRule):
    id = "gateway-admits-no-route"
    severity = Severity.ERROR
    summary = "Gateway that doesn't admit Flagger's route"
    tags = ("routing", "references")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        provider = provider_of(canary.provider(self.cluster))
        if provider.reference == GATEWAYS:
            yield from self._check_gateway_api(canary, rendering, waits=self._waits(provider.name))
        elif provider.route == "VirtualService" and canary.target_kind != "Service":
            yield from _check_istio(canary, rendering)

    def _waits(self, provider: str) -> bool:
        """Whether Flagger waits for the Gateway to accept the route."""
        release = behavior(self.cluster.flagger or NEWEST)
        return release.waits_for_gateway and not provider.startswith("gatewayapi:v1beta1")

    def _check_gateway_api(self, canary: Canary, rendering: Rendering, *, waits: bool) -> Iterator[Problem]:
        home = namespace_of(canary.manifest, rendering)
        effect = "Flagger waits for it at every tick, and no release begins" if waits else "no request reaches the app"
        for index, reference in enumerate(as_list(canary.service.get("gatewayRefs"))):
            ref = as_mapping(reference)
            if (ref.get("kind") or "Gateway") != "Gateway":
                continue
            there = as_str(ref.get("namespace")) or home
            for gateway in _gateways(rendering, GROUP, as_str(ref.get("name")), there):
                labels = _labels_of_namespace(home, rendering)
                reason = route_refusal(
                    gateway.body, ref, canary.hosts, own_namespace=there == home, namespace_labels=labels
                )
                if reason:
                    yield Problem(
                        f"Gateway {gateway.name} in namespace {there} has no listener that admits the HTTPRoute "
                        f"({reason}): {effect}; change the Gateway or the reference",
                        at=("spec", "service", "gatewayRefs", index),
                    )


def _check_istio(canary: Canary, rendering: Rendering) -> Iterator[Problem]:
    home = namespace_of(canary.manifest, rendering)
    for index, entry in enumerate(canary.gateways):
        place, _, name = str(entry).rpartition("/")
        there = place or home
        for gateway in _gateways(rendering, "networking.istio.io", name, there):
            reason = istio_refusal(gateway.body, canary.hosts, home, there)
            if reason:
                yield Problem(
                    f"Gateway {gateway.name} in namespace {there} serves none of the Canary's hosts ({reason}): no "
                    "request that enters through it reaches the app; change the Gateway or the hosts",
                    at=("spec", "service", "gateways", index),
                )


def _gateways(rendering: Rendering, group: str, name: str, namespace: str) -> Iterator[Manifest]:
    for gateway in rendering.of_kind("Gateway"):
        same = gateway.name == name and namespace_of(gateway, rendering) == namespace
        if same and gateway.api_version.startswith(f"{group}/"):
            yield gateway


def _labels_of_namespace(name: str, rendering: Rendering) -> Mapping[str, Any] | None:
    """The labels of a namespace that the release renders, None if it doesn't."""
    found = rendering.named("Namespace", name)
    if found is None:
        return None
    return {**labels_of(found.get(("metadata", "labels"))), "kubernetes.io/metadata.name": name}
