"""A Gateway of the release that admits no HTTPRoute from the Canary's namespace, host or section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_list, as_mapping
from chartgen.flagger.providers import GATEWAYS, provider_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import namespace_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class GatewayAdmitsNoRoute(CanaryRule):
    id = "gateway-admits-no-route"
    severity = Severity.ERROR
    summary = "Gateway that doesn't admit Flagger's HTTPRoute"
    tags = ("routing", "references")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:

        if provider_of(canary.provider(self.cluster)).reference != GATEWAYS:
            return
        home = namespace_of(canary.manifest, rendering)
        for index, reference in enumerate(as_list(canary.service.get("gatewayRefs"))):
            ref = as_mapping(reference)
            for gateway in rendering.of_kind("Gateway"):
                there = namespace_of(gateway, rendering)
                if (gateway.name, there) != (ref.get("name"), ref.get("namespace") or home):
                    continue
                reasons = [
                    _refuses(as_mapping(listener), ref, canary.hosts, own=there == home)
                    for listener in as_list(gateway.get(("spec", "listeners")))
                ]
                if reasons and all(reasons):
                    yield Problem(
                        f"Gateway {gateway.name} in namespace {there} has no listener that admits the HTTPRoute "
                        f"({reasons[0]}): Flagger waits for it at every tick; change the Gateway or the reference",
                        at=("spec", "service", "gatewayRefs", index),
                    )


def _refuses(listener: Mapping[str, Any], ref: Mapping[str, Any], hosts: list[Any], *, own: bool) -> str | None:
    """Why a listener doesn't take the route; None if it does, or if the release doesn't say."""
    name = listener.get("name")
    if ref.get("sectionName") not in {None, "", name}:
        return f"sectionName is {ref['sectionName']}"
    if ref.get("port") not in {None, listener.get("port")}:
        return f"port is {ref['port']}"
    allowed = as_mapping(listener.get("allowedRoutes"))
    source = as_mapping(allowed.get("namespaces")).get("from") or "Same"
    if source == "None" or (source == "Same" and not own):
        return f"listener {name} admits routes from {'no namespace' if source == 'None' else 'its own namespace only'}"
    kinds = [as_mapping(kind).get("kind") for kind in as_list(allowed.get("kinds"))]
    if kinds and "HTTPRoute" not in kinds:
        return f"listener {name} admits no HTTPRoute"
    hostname = str(listener.get("hostname") or "")
    if hostname and hosts and not any(_share_host(hostname, str(host)) for host in hosts):
        return f"listener {name} serves {hostname}"
    return None


def _share_host(listener: str, host: str) -> bool:
    """Whether a listener's hostname and a route's have requests in common (`*.` stands for one or more labels)."""
    listener, host = listener.lower(), host.lower()
    if "*" in {listener, host} or listener == host:
        return True
    one_way = listener.startswith("*.") and host.removeprefix("*").endswith(listener[1:])
    return one_way or (host.startswith("*.") and listener.removeprefix("*").endswith(host[1:]))
