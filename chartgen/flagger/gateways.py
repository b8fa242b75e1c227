"""Which routes a Gateway admits: the Gateway API's by its listeners, Istio's by the hosts of its servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_list, as_mapping, as_str
from chartgen.flagger.groups import GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GROUP = GROUPS["Gateway"]
_HTTP = ("HTTP", "HTTPS")


def route_refusal(
    gateway: Mapping[str, Any],
    reference: Mapping[str, Any],
    hosts: Sequence[Any],
    *,
    own_namespace: bool,
    namespace_labels: Mapping[str, Any] | None,
) -> str | None:
    """Why no listener of a Gateway admits an HTTPRoute with `hosts`; None if one does, or may.

    `reference` is the route's parentRef. `own_namespace`: route and Gateway share theirs. `namespace_labels` are those
    of the route's namespace, None if unknown.
    """
    reasons = [
        _listener_refusal(as_mapping(each), reference, hosts, own=own_namespace, labels=namespace_labels)
        for each in as_list(as_mapping(gateway.get("spec")).get("listeners"))
    ]
    return next(iter(reasons), None) if all(reasons) else None


def _listener_refusal(
    listener: Mapping[str, Any],
    reference: Mapping[str, Any],
    hosts: Sequence[Any],
    *,
    own: bool,
    labels: Mapping[str, Any] | None,
) -> str | None:
    name = listener.get("name")
    for field, value in (("sectionName", name), ("port", listener.get("port"))):
        if reference.get(field) not in {None, "", value}:
            return f"{field} is {reference[field]}"
    protocol = as_str(listener.get("protocol"))
    # Other protocols are those of one implementation.
    if protocol in {"TCP", "UDP", "TLS"}:
        return f"listener {name} has protocol {protocol}"
    allowed = as_mapping(listener.get("allowedRoutes"))
    kinds = [as_mapping(kind).get("kind") for kind in as_list(allowed.get("kinds"))]
    if kinds and "HTTPRoute" not in kinds:
        return f"listener {name} admits no HTTPRoute"
    if reason := _namespace_refusal(name, as_mapping(allowed.get("namespaces")), own=own, labels=labels):
        return reason
    hostname = as_str(listener.get("hostname"))
    if hostname and hosts and not any(share_host(hostname, str(host)) for host in hosts):
        return f"listener {name} serves {hostname}"
    return None


def _namespace_refusal(
    name: object, namespaces: Mapping[str, Any], *, own: bool, labels: Mapping[str, Any] | None
) -> str | None:
    source = namespaces.get("from") or "Same"
    if source == "None":
        return f"listener {name} admits routes from no namespace"
    if source == "Same" and not own:
        return f"listener {name} admits routes from its own namespace only"
    wanted = as_mapping(as_mapping(namespaces.get("selector")).get("matchLabels"))
    if source == "Selector" and labels is not None:
        missing = next((key for key, value in wanted.items() if labels.get(key) != value), None)
        if missing:
            return f"listener {name} admits routes from namespaces with the label {missing}: {wanted[missing]}"
    return None


def share_host(listener: str, host: str) -> bool:
    """Whether a listener's hostname and a route's have requests in common (`*.` stands for one or more labels)."""
    listener, host = listener.lower(), host.lower()
    if "*" in {listener, host} or listener == host:
        return True
    one_way = listener.startswith("*.") and host.removeprefix("*").endswith(listener[1:])
    return one_way or (host.startswith("*.") and listener.removeprefix("*").endswith(host[1:]))


def istio_refusal(gateway: Mapping[str, Any], hosts: Sequence[Any], namespace: str, own_namespace: str) -> str | None:
    """Why no server of Istio's Gateway (in `own_namespace`) takes a VirtualService of `namespace` with `hosts`."""
    servers = as_list(as_mapping(gateway.get("spec")).get("servers"))
    offered = [as_str(host) for server in servers for host in as_list(as_mapping(server).get("hosts"))]
    if not offered or not hosts:
        return None
    for entry in offered:
        place, slash, pattern = entry.rpartition("/")
        fits = not slash or place == "*" or (own_namespace if place == "." else place) == namespace
        if fits and any(share_host(pattern, str(host)) for host in hosts):
            return None
    return f"it serves {', '.join(offered)}"
