"""Options of add-canary that depend on the provider: those it needs, and those that it would ignore."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.canary.providers import setup_of
from chartgen.flagger.canary import as_list, as_mapping
from chartgen.flagger.providers import GATEWAYS, MESH_NAME, PROVIDERS, provider_of, reads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.options import AddCanaryOptions

_HOSTS = ("service", "hosts")
_ISTIO_GATEWAYS = ("service", "gateways")
_SMI = "TrafficSplit"
# Their TrafficSplit names the first host in place of the Service (pkg/router/smi.go), and they know no other hosts.
_NAMED_BY_HOSTS = frozenset({"linkerd", "osm"})


def full_name(name: str) -> str:
    """The value of `spec.provider` for a name that people use: `gatewayapi` means `gatewayapi:v1`."""
    return next((provider.name for provider in PROVIDERS if name in provider.aliases), name)


def problems(options: AddCanaryOptions) -> Iterator[str]:
    """A line for each option that the provider needs, or that can't mean anything for it."""
    name = options.provider
    yield from setup_of(name).problems(options)
    if "--mesh-name" in options.given and not reads(name, MESH_NAME):
        yield f"--mesh-name has no effect with provider {name}. Remove it"
    if "--route" in options.given and setup_of(name).route_kind is None:
        yield f"--route has no effect with provider {name}, which writes routes of its own. Remove it"


def unwritten(options: AddCanaryOptions) -> Iterator[str]:
    """A line for each given option that isn't written, since the provider would ignore it or go wrong."""
    name = options.provider
    if "--host" in options.given and not accepts_hosts(name):
        yield f"--host is not written: {_place_of_hosts(name)}"
    if "--gateway" in options.given and not (accepts_gateways(name) or reads(name, GATEWAYS)):
        yield f"--gateway is not written: provider {name} ignores it"


def reads_deadline(options: AddCanaryOptions) -> bool:
    """Whether Flagger ends a rollout after progressDeadlineSeconds."""
    return provider_of(options.provider).deadline


def accepts_hosts(name: str) -> bool:
    """Whether `service.hosts` is good for this provider."""
    return reads(name, _HOSTS) and name not in _NAMED_BY_HOSTS


def accepts_gateways(name: str) -> bool:
    """Whether `service.gateways` is good for this provider."""
    return reads(name, _ISTIO_GATEWAYS) and name not in _NAMED_BY_HOSTS


def writes_hosts(options: AddCanaryOptions) -> bool:
    """Whether values.yaml gets `service.hosts`: those that split by Service names accept hosts, but need none."""
    is_usual = provider_of(options.provider).route != _SMI
    return accepts_hosts(options.provider) and (is_usual or bool(options.hosts))


def writes_gateways(options: AddCanaryOptions) -> bool:
    """Whether values.yaml gets `service.gateways`."""
    return options.provider == "istio" or (accepts_gateways(options.provider) and bool(options.gateways))


def service_values(options: AddCanaryOptions) -> dict[str, Any]:
    """The entries of `service` that only this provider has."""
    return setup_of(options.provider).service_values(options)


def read_back(service: Any, given: frozenset[str], provider: str) -> dict[str, Any]:
    """The options that the `service` of an earlier run implies for `provider`, except those given."""
    if not isinstance(service, dict):
        return {}
    found: dict[str, Any] = {}
    if "--gateway" not in given and reads(provider, GATEWAYS) and service.get("gatewayRefs"):
        found["gateways"] = tuple(map(reference_text, as_list(service["gatewayRefs"])))
    if "--gateway" not in given and provider == "istio" and service.get("gateways"):
        found["gateways"] = tuple(map(str, as_list(service["gateways"])))
    if "--host" not in given and provider == "istio":
        found["hosts"] = tuple(map(str, as_list(service.get("hosts"))))
    if "--mesh-name" not in given and isinstance(service.get("meshName"), str):
        found["mesh_name"] = service["meshName"]
    return found


def reference_text(reference: Any) -> str:
    """An item of `gatewayRefs` as `--gateway` names it."""
    place, name = (as_mapping(reference).get(key) for key in ("namespace", "name"))
    return f"{place}/{name or '-'}" if place else str(name or "-")


def with_routing(options: AddCanaryOptions, service: Any) -> AddCanaryOptions:
    """The options with the hosts and gateways that `service` of the values has for Istio."""
    if options.provider != "istio" or not isinstance(service, dict):
        return options
    hosts, gateways = service.get("hosts"), service.get("gateways")
    return replace(
        options,
        hosts=tuple(map(str, hosts)) if isinstance(hosts, list) else options.hosts,
        gateways=tuple(map(str, gateways)) if isinstance(gateways, list) else options.gateways,
    )


def _place_of_hosts(name: str) -> str:
    kind, route = setup_of(name).route_kind, provider_of(name).route
    if name == "knative":
        return "Knative's own routes and DomainMappings have the hosts"
    if name in _NAMED_BY_HOSTS:
        return f"the TrafficSplit of provider {name} would name the host instead of the Service"
    if kind:
        return f"provider {name} takes the hosts of the {kind.kind}"
    return f"the object that includes Flagger's {route} has the hosts" if route else f"provider {name} has no routes"
