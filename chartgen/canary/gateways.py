"""The Gateways that the Canary names: objects of the chart with `--with-gateway`, else what must exist.

Istio's Gateway has a group of its own. That of the Gateway API needs a GatewayClass, for which there is no default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.canary import provider_settings
from chartgen.canary.options import MESH_GATEWAY
from chartgen.errors import ConflictError
from chartgen.flagger.canary import as_mapping
from chartgen.flagger.providers import GATEWAYS, reads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chartgen.canary.analysis import ChartAnalysis
    from chartgen.canary.options import AddCanaryOptions
    from chartgen.manifests.manifest import Manifest

# The keys of the block: name of the Gateway → its namespace and `spec`.
ISTIO_GATEWAYS, API_GATEWAYS = "istioGateways", "gatewayApiGateways"
_ISTIO, _GATEWAY_API = "networking.istio.io", "gateway.networking.k8s.io"
# The ingress gateway of Istio's own installation, open for HTTP; a VirtualService names the hosts that it serves.
_SPEC = {
    "selector": {"istio": "ingressgateway"},
    "servers": [{"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}],
}
# The listener of a Gateway of the Gateway API, and what admits routes of other namespaces.
_LISTENER = {"name": "http", "port": 80, "protocol": "HTTP"}
_FROM_ALL = {"allowedRoutes": {"namespaces": {"from": "All"}}}


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
    is_istio = options.provider == "istio"
    objects = {
        name: {**({"namespace": place} if place else {}), "spec": _SPEC if is_istio else _api_spec(options, place)}
        for place, name in map(place_of, _referenced(options))
    }
    return {ISTIO_GATEWAYS if is_istio else API_GATEWAYS: objects} if objects else {}


def _api_spec(options: AddCanaryOptions, place: str | None) -> dict[str, Any]:
    """The `spec` of a Gateway of the Gateway API: open for HTTP, and for routes from the Canary's namespace."""
    # By default, only routes in the Gateway's own namespace can use it.
    admits = _FROM_ALL if place and options.namespaces != (place,) else {}
    return {"gatewayClassName": options.gateway_class, "listeners": [{**_LISTENER, **admits}]}


def read_back(block: Mapping[str, Any], given: frozenset[str], provider: str) -> dict[str, Any]:
    """The options that the chart's Gateways of an earlier run imply, as far as `provider` reads them."""
    key = key_of(provider)
    own = {name: as_mapping(each) for name, each in as_mapping(block.get(key or "")).items()}
    places = [(each.get("namespace"), str(name)) for name, each in own.items()]
    found: dict[str, Any] = {"own_gateways": tuple(f"{place}/{name}" if place else name for place, name in places)}
    classes = [as_mapping(each.get("spec")).get("gatewayClassName") for each in own.values()]
    if "--with-gateway" in given and "--gateway-class" not in given and classes and isinstance(classes[0], str):
        found["gateway_class"] = classes[0]
    return found


def key_of(provider: str) -> str | None:
    """The key of the block for the Gateways that the provider reads."""
    if reads(provider, GATEWAYS):
        return API_GATEWAYS
    return ISTIO_GATEWAYS if provider == "istio" else None


def changes(block: Mapping[str, Any], options: AddCanaryOptions) -> dict[str, Any]:
    """What another run sets below the key: Gateways that are missing, and the class of those of earlier runs."""
    key = key_of(options.provider)
    existing = as_mapping(block.get(key or ""))
    wanted = {name: each for name, each in objects_of(options).get(key or "", {}).items() if name not in existing}
    if "--gateway-class" in options.given:
        wanted |= {name: {"spec": {"gatewayClassName": options.gateway_class}} for name in existing}
    return {key: wanted} if key and wanted else {}


def as_written(key: str, gateway: Any) -> bool:
    """Whether this Gateway of the block is as `--with-gateway` writes it, in any place and of any class."""
    spec = as_mapping(as_mapping(gateway).get("spec"))
    if not set(as_mapping(gateway)) <= {"namespace", "spec"}:
        return False
    if key == ISTIO_GATEWAYS:
        return spec == _SPEC
    listeners = ([_LISTENER], [{**_LISTENER, **_FROM_ALL}])
    return set(spec) == {"gatewayClassName", "listeners"} and spec["listeners"] in listeners


def api_versions(options: AddCanaryOptions) -> dict[str, str]:
    """The keys of the block for Gateways that the values have → the apiVersion of their objects."""
    version = "v1beta1" if options.provider == "gatewayapi:v1beta1" else "v1"
    known = {ISTIO_GATEWAYS: f"{_ISTIO}/v1beta1", API_GATEWAYS: f"{_GATEWAY_API}/{version}"}
    return {key: api_version for key, api_version in known.items() if key in options.companions}


def problems(options: AddCanaryOptions) -> Iterator[str]:
    """A line for each reason against `--with-gateway`."""
    is_api = reads(options.provider, GATEWAYS)
    if options.gateway_class and not (is_api and (options.with_gateway or options.own_gateways)):
        missing = "--with-gateway" if is_api else "--provider gatewayapi and --with-gateway"
        yield f"--gateway-class is that of the Gateway API's Gateway. Add {missing}"
    if not options.with_gateway:
        return
    if options.provider != "istio" and not is_api:
        yield f"--with-gateway writes a Gateway, which provider {options.provider} doesn't read: remove it"
    elif is_api and not options.gateway_class:
        yield (
            "--with-gateway needs the GatewayClass of the Gateway, for which there is no default. Add --gateway-class"
            " NAME (kubectl get gatewayclasses)"
        )
    elif not is_api and not options.hosts:
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
    known = _of_provider(analysis, options)
    rendered = [each for each in _referenced(options) if _is_rendered(each, known, namespace)]
    if rendered:
        raise ConflictError(
            [f"the chart already renders the Gateway {each}" for each in rendered], hint="leave --with-gateway out"
        )


def needs(analysis: ChartAnalysis, options: AddCanaryOptions) -> Iterator[str]:
    """A line for each Gateway that the Canary names, and that neither the chart nor `--with-gateway` creates."""
    if options.gateway_class and options.given & {"--with-gateway", "--gateway-class"}:
        check = f"kubectl get gatewayclasses {options.gateway_class}"
        yield f"GatewayClass {options.gateway_class} must exist on the cluster: {check}"
    if options.with_gateway:
        return
    namespace = options.namespaces[0] if options.namespaces else "NAMESPACE"
    own = [_placed(each, namespace) for each in options.own_gateways]
    for reference in _referenced(options):
        if _placed(reference, namespace) in own or _is_rendered(reference, _of_provider(analysis, options), namespace):
            continue
        place, name = place_of(reference)
        is_istio, group = options.provider == "istio", _group(options)
        where = place or namespace
        check = f"kubectl get gateways.{group} {name} --namespace {where}"
        create = f"; --with-gateway{'' if is_istio else ' --gateway-class NAME'} adds it to the chart"
        yield f"Gateway {name} must exist in namespace {where}, and the chart doesn't render it: {check}{create}"


def _group(options: AddCanaryOptions) -> str:
    return _GATEWAY_API if reads(options.provider, GATEWAYS) else _ISTIO


def _of_provider(analysis: ChartAnalysis, options: AddCanaryOptions) -> list[Manifest]:
    """The chart's Gateways of the group that the provider reads."""
    return [each for each in analysis.gateways if each.api_version.startswith(f"{_group(options)}/")]


def _referenced(options: AddCanaryOptions) -> list[str]:
    """The Gateways that the Canary's `service` names."""
    if not (provider_settings.writes_gateways(options) or reads(options.provider, GATEWAYS)):
        return []
    return [each for each in options.effective_gateways if each != MESH_GATEWAY]


def _placed(reference: str, namespace: str) -> tuple[str, str]:
    place, name = place_of(reference)
    return place or namespace, name


def _is_rendered(reference: str, gateways: Iterable[Manifest], namespace: str) -> bool:
    place, name = place_of(reference)
    return any(
        gateway.name == name and (gateway.namespace or namespace) == (place or namespace) for gateway in gateways
    )
