"""The Gateways that the Canary names: Istio's as an object of the chart with `--with-gateway`, else what must exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.canary import provider_settings
from chartgen.canary.options import MESH_GATEWAY
from chartgen.errors import ConflictError
from chartgen.flagger.providers import GATEWAYS, reads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chartgen.canary.analysis import ChartAnalysis
    from chartgen.canary.options import AddCanaryOptions
    from chartgen.manifests.manifest import Manifest

# The key of the block: name of the Gateway → its namespace and `spec`.
ISTIO_GATEWAYS = "istioGateways"
_ISTIO, _GATEWAY_API = "networking.istio.io", "gateway.networking.k8s.io"
# The ingress gateway of Istio's own installation, open for HTTP; a VirtualService names the hosts that it serves.
_SPEC = {
    "selector": {"istio": "ingressgateway"},
    "servers": [{"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}],
}


def place_of(reference: str) -> tuple[str | None, str]:
    """Namespace and name of `NAMESPACE/NAME`, `NAME.NAMESPACE.svc.…`, or `NAME`, whose namespace is None."""
    namespace, separator, name = reference.rpartition("/")
    if separator:
        return namespace, name
    name, _, rest = reference.partition(".")
    return rest.partition(".")[0] or None, name


def objects_of(options: AddCanaryOptions) -> dict[str, dict[str, Any]]:
    """The Gateways of the block by their key, empty without `--with-gateway`."""
    if not options.with_gateway:
        return {}
    places = map(place_of, _referenced(options))
    objects = {name: {**({"namespace": place} if place else {}), "spec": _SPEC} for place, name in places}
    return {ISTIO_GATEWAYS: objects} if objects else {}


def problems(options: AddCanaryOptions) -> Iterator[str]:
    """A line for each reason against `--with-gateway`."""
    if not options.with_gateway:
        return
    if options.provider != "istio":
        other = "create the Gateway of your GatewayClass, and name it with --gateway NAMESPACE/NAME"
        way = other if reads(options.provider, GATEWAYS) else "remove it"
        yield f"--with-gateway writes Istio's Gateway, which provider {options.provider} doesn't read: {way}"
    elif not options.hosts:
        yield "--with-gateway needs the host names that users call. Add --host NAME"
    else:
        names = [place_of(each)[1] for each in _referenced(options)]
        yield from (f"--with-gateway: two gateways are called {name}" for name in set(names) if names.count(name) > 1)


def require_none(analysis: ChartAnalysis, options: AddCanaryOptions, namespace: str) -> None:
    """Raise ConflictError if the chart renders a Gateway that `--with-gateway` would write.

    `namespace` is the release's.
    """
    if not options.with_gateway:
        return
    rendered = [each for each in _referenced(options) if _is_rendered(each, analysis.gateways, namespace)]
    if rendered:
        raise ConflictError(
            [f"the chart already renders the Gateway {each}" for each in rendered], hint="leave --with-gateway out"
        )


def needs(analysis: ChartAnalysis, options: AddCanaryOptions) -> Iterator[str]:
    """A line for each Gateway that the Canary names, and that neither the chart nor `--with-gateway` creates."""
    if options.with_gateway:
        return
    namespace = options.namespaces[0] if options.namespaces else "NAMESPACE"
    for reference in _referenced(options):
        if _is_rendered(reference, analysis.gateways, namespace):
            continue
        place, name = place_of(reference)
        is_istio = options.provider == "istio"
        group = _ISTIO if is_istio else _GATEWAY_API
        where = place or namespace
        check = f"kubectl get gateways.{group} {name} --namespace {where}"
        create = "; --with-gateway adds it to the chart" if is_istio else ""
        yield f"Gateway {name} must exist in namespace {where}, and the chart doesn't render it: {check}{create}"


def _referenced(options: AddCanaryOptions) -> list[str]:
    """The Gateways that the Canary's `service` names."""
    if not (provider_settings.writes_gateways(options) or reads(options.provider, GATEWAYS)):
        return []
    return [each for each in options.effective_gateways if each != MESH_GATEWAY]


def _is_rendered(reference: str, gateways: Iterable[Manifest], namespace: str) -> bool:
    place, name = place_of(reference)
    return any(
        gateway.name == name and (gateway.namespace or namespace) == (place or namespace) for gateway in gateways
    )
