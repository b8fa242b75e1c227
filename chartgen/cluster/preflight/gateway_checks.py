"""The way in: Gateways, their load balancer, and the name that users type."""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.resources import GATEWAYS, INGRESSES, ISTIO_GATEWAYS, NAMESPACES, PODS, SERVICES
from chartgen.cluster.preflight.context import Context, blocker, labels_of, matches, name_of, namespace_of, ok, warning
from chartgen.cluster.preflight.pods import scale_up
from chartgen.flagger.canary import as_list, as_mapping, as_str
from chartgen.flagger.gateways import istio_refusal, route_refusal
from chartgen.flagger.providers import GATEWAYS as GATEWAY_REFS
from chartgen.flagger.providers import ISTIO
from chartgen.manifests.manifest import value_at
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.cluster.preflight.check import Check

# Wildcard domains whose names contain the address they resolve to.
_ADDRESS_IN_NAME = lazy_pattern(r"(?:^|[.-])(\d+)[.-](\d+)[.-](\d+)[.-](\d+)\.(?:nip\.io|sslip\.io|xip\.io)$")


def hosts_of(context: Context) -> list[str]:
    """The hosts of the Canary that users outside the cluster can type."""
    return [as_str(host) for host in as_list(context.canary.service.get("hosts")) if as_str(host) not in {"", "*"}]


def check_istio_gateways(context: Context) -> Iterator[Check]:
    """Each Istio Gateway of the Canary: exists, admits a host, has pods and an address."""
    if context.provider is not ISTIO:
        return
    for reference in as_list(context.canary.service.get("gateways")):
        if reference == "mesh":
            continue
        namespace, name = istio_reference(as_str(reference), context.namespace)
        gateway = context.find(ISTIO_GATEWAYS, namespace, name)
        if gateway is None:
            subject = f"Gateway {namespace}/{name}"
            message = "doesn't exist: no request from outside reaches the canary"
            yield blocker("gateway", subject, message, context.apply(_new_gateway(namespace, name, hosts_of(context))))
        else:
            yield from _istio_gateway(context, gateway, f"Gateway {namespace}/{name}", (namespace, name))


def istio_reference(text: str, home: str) -> tuple[str, str]:
    """Namespace and name of `name`, `namespace/name`, `name.namespace.svc.cluster.local`."""
    if "/" in text:
        namespace, _, name = text.partition("/")
        return namespace or home, name
    name, _, rest = text.partition(".")
    return rest.partition(".")[0] or home, name


def _new_gateway(namespace: str, name: str, hosts: list[str]) -> dict[str, Any]:
    server = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": hosts or ["*"]}
    return {
        "apiVersion": ISTIO_GATEWAYS.api_version,
        "kind": "Gateway",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"selector": {"istio": "ingressgateway"}, "servers": [server]},
    }


def _istio_gateway(
    context: Context, gateway: Mapping[str, Any], subject: str, place: tuple[str, str]
) -> Iterator[Check]:
    for host in hosts_of(context):
        refusal = istio_refusal(gateway, [host], context.namespace, place[0])
        if refusal is None:
            yield ok("gateway-host", subject, f"admits {host}")
        else:
            patch = json.dumps([{"op": "add", "path": "/spec/servers/0/hosts/-", "value": host}])
            words = ("patch", ISTIO_GATEWAYS.full_name, place[1], "--type=json", "--patch", patch)
            message = f"doesn't admit {host} ({refusal}): requests to it get 404"
            yield blocker("gateway-host", subject, message, context.command(*words, namespace=place[0]))
    selector = as_mapping(value_at(gateway, ("spec", "selector")))
    pods = [each for each in context.source.items(PODS) if matches(selector, labels_of(each))]
    if not pods:
        text = ",".join(f"{key}={value}" for key, value in selector.items())
        command = scale_up(context, "", selector) or context.command("get", "pods", "-A", "-l", text, namespace="")
        yield blocker("gateway-pods", subject, f"no pod has its selector's labels ({text}): nothing answers", command)
        return
    services = [
        each
        for each in context.source.items(SERVICES)
        if any(
            namespace_of(pod) == namespace_of(each) and matches(value_at(each, ("spec", "selector")), labels_of(pod))
            for pod in pods
        )
    ]
    yield from _load_balancer(context, services, subject)


def _load_balancer(context: Context, services: list[Any], subject: str) -> Iterator[Check]:
    balanced = [each for each in services if value_at(each, ("spec", "type")) == "LoadBalancer"]
    addresses = [address for each in services for address in _addresses(each)]
    if addresses:
        yield ok("gateway-address", subject, f"is reached at {', '.join(addresses)}")
        for host in hosts_of(context):
            yield from _resolves(context, host, addresses)
    elif balanced:
        service = balanced[0]
        place = f"{namespace_of(service)}/{name_of(service)}"
        words = ("describe", "service", name_of(service))
        message = f"Service {place} has no address yet: no request from outside arrives"
        command = context.command(*words, namespace=namespace_of(service))
        yield blocker("gateway-address", subject, message, command)
    else:
        message = "no Service of type LoadBalancer is in front of it: chartgen can't tell its address"
        yield warning("gateway-address", subject, message)


def _addresses(service: Mapping[str, Any]) -> list[str]:
    ingress = as_list(value_at(service, ("status", "loadBalancer", "ingress")))
    found = [as_str(each.get("ip")) or as_str(each.get("hostname")) for each in ingress if isinstance(each, dict)]
    return [address for address in [*found, *as_list(value_at(service, ("spec", "externalIPs")))] if address]


def _resolves(context: Context, host: str, addresses: list[str]) -> Iterator[Check]:
    """The host resolves to the load balancer: by DNS, or by a wildcard domain that contains the address."""
    subject = f"Host {host}"
    named = _ADDRESS_IN_NAME.search(host)
    if named:
        found: tuple[str, ...] = (".".join(named.groups()),)
    elif host.startswith("*."):
        found = context.source.resolve(f"chartgen{host[1:]}")
    else:
        found = context.source.resolve(host)
    wanted = {each for address in addresses for each in _as_numbers(context, address)}
    if set(found) & wanted:
        yield ok("dns", subject, f"resolves to {', '.join(sorted(set(found) & wanted))}")
    elif found:
        message = f"resolves to {', '.join(found)}, not to the Gateway's {', '.join(addresses)}"
        yield warning("dns", subject, message, f"dig +short {host}")
    else:
        message = f"doesn't resolve: create a DNS record for it, or for its wildcard, with {', '.join(addresses)}"
        yield warning("dns", subject, message, f"dig +short {host}")


def _as_numbers(context: Context, address: str) -> tuple[str, ...]:
    try:
        return (str(ipaddress.ip_address(address)),)
    except ValueError:
        return context.source.resolve(address)


def check_gateway_refs(context: Context) -> Iterator[Check]:
    """Each Gateway of the Gateway API: exists, admits the route, has an address."""
    if context.provider.reference != GATEWAY_REFS:
        return
    for reference in as_list(context.canary.service.get("gatewayRefs")):
        ref = as_mapping(reference)
        namespace, name = as_str(ref.get("namespace")) or context.namespace, as_str(ref.get("name"))
        subject, gateway = f"Gateway {namespace}/{name}", context.find(GATEWAYS, namespace, name)
        if gateway is None:
            command = context.command("get", GATEWAYS.full_name, "-A", namespace="")
            yield blocker("gateway", subject, "doesn't exist: Flagger waits for it at every tick", command)
            continue
        yield from _gateway(context, gateway, ref, subject)


def _gateway(context: Context, gateway: Mapping[str, Any], ref: Mapping[str, Any], subject: str) -> Iterator[Check]:
    namespace, name = namespace_of(gateway) or context.namespace, name_of(gateway)
    labels = context.find(NAMESPACES, "", context.namespace)
    refusal = route_refusal(
        gateway,
        ref,
        hosts_of(context),
        own_namespace=namespace == context.namespace,
        namespace_labels=labels_of(labels) if labels else None,
    )
    if refusal:
        admit_all = {"op": "add", "path": "/spec/listeners/0/allowedRoutes", "value": {"namespaces": {"from": "All"}}}
        words = ("patch", GATEWAYS.full_name, name, "--type=json", "--patch", json.dumps([admit_all]))
        foreign = "admits routes from" in refusal
        shown = words if foreign else ("describe", GATEWAYS.full_name, name)
        message = f"no listener admits the HTTPRoute ({refusal}): Flagger waits for it at every tick"
        yield blocker("gateway-host", subject, message, context.command(*shown, namespace=namespace))
    else:
        yield ok("gateway-host", subject, "a listener admits the HTTPRoute")
    found = [as_str(as_mapping(each).get("value")) for each in as_list(value_at(gateway, ("status", "addresses")))]
    addresses = [address for address in found if address]
    if not addresses:
        command = context.command("describe", GATEWAYS.full_name, name, namespace=namespace)
        yield warning("gateway-address", subject, "has no address yet: no request from outside arrives", command)
        return
    yield ok("gateway-address", subject, f"is reached at {', '.join(addresses)}")
    for host in hosts_of(context):
        yield from _resolves(context, host, addresses)


def check_ingress(context: Context) -> Iterator[Check]:
    """The Ingress that the Canary refers to."""
    name = context.canary.ingress
    if not name:
        return
    subject = f"Ingress {context.namespace}/{name}"
    if context.find(INGRESSES, context.namespace, name) is None:
        message = "neither the chart nor the cluster has it: every tick fails"
        yield blocker("ingress", subject, message, context.command("get", "ingresses"))
    else:
        yield ok("ingress", subject, "exists")
