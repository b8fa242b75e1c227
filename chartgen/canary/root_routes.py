"""The user's own object that must include the route that Flagger writes: without it, no request reaches the canary.

Contour, Traefik, and Gloo serve a host from an object that people write. Flagger writes only its child, named after
the Service (pkg/router/contour.go, traefik.go, gloo.go, and Flagger's tutorials).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.canary.files import yaml_lines
from chartgen.canary.survey import template_path
from chartgen.flagger.canary import as_list, as_mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chartgen.canary.planner import PlannedCanary
    from chartgen.manifests.manifest import Manifest

_HOST = "www.example.com"


@dataclass(frozen=True, slots=True)
class _Child:
    """What Flagger writes in this release, and the host of the user's object."""

    name: str
    namespace: str
    port: Any
    host: str


@dataclass(frozen=True, slots=True)
class _Root:
    """The kind of the user's object, and the kind of Flagger's.

    `includes` are the names of the children that an object includes, `entry` is what includes one, and `spec` a whole
    object with it.
    """

    kind: str
    group: str
    version: str
    child: str
    includes: Callable[[Manifest], Iterator[Any]]
    entry: Callable[[_Child], Mapping[str, Any]]
    spec: Callable[[_Child], Mapping[str, Any]]


def _included(proxy: Manifest) -> Iterator[Any]:
    yield from (as_mapping(each).get("name") for each in as_list(proxy.get(("spec", "includes"))))


def _include(child: _Child) -> dict[str, Any]:
    return {"includes": [{"name": child.name, "namespace": child.namespace, "conditions": [{"prefix": "/"}]}]}


def _traefik_services(route: Manifest) -> Iterator[Any]:
    for rule in as_list(route.get(("spec", "routes"))):
        for service in map(as_mapping, as_list(as_mapping(rule).get("services"))):
            if service.get("kind") == "TraefikService":
                yield service.get("name")


def _traefik_service(child: _Child) -> dict[str, Any]:
    return {"services": [{"name": child.name, "kind": "TraefikService", "port": child.port}]}


def _delegates(service: Manifest) -> Iterator[Any]:
    for route in as_list(service.get(("spec", "virtualHost", "routes"))):
        action = as_mapping(as_mapping(route).get("delegateAction"))
        # A selector of labels, or the name itself in versions before 1.5.
        yield as_mapping(action.get("ref")).get("name") or action.get("name") or action.get("selector")


def _delegate(child: _Child) -> dict[str, Any]:
    return {"delegateAction": {"ref": {"name": child.name, "namespace": child.namespace}}}


_ROOTS = {
    "contour": _Root(
        "HTTPProxy",
        "projectcontour.io",
        "v1",
        "HTTPProxy",
        _included,
        _include,
        lambda child: {"virtualhost": {"fqdn": child.host}, **_include(child)},
    ),
    "traefik": _Root(
        "IngressRoute",
        "traefik.io",
        "v1alpha1",
        "TraefikService",
        _traefik_services,
        _traefik_service,
        lambda child: {
            "entryPoints": ["web"],
            "routes": [{"match": f"Host(`{child.host}`)", "kind": "Rule", **_traefik_service(child)}],
        },
    ),
    "gloo": _Root(
        "VirtualService",
        "gateway.solo.io",
        "v1",
        "RouteTable",
        _delegates,
        _delegate,
        lambda child: {
            "virtualHost": {
                "domains": [child.host],
                "routes": [{"matchers": [{"prefix": "/"}], **_delegate(child)}],
            }
        },
    ),
}


def paragraph(planned: PlannedCanary) -> str | None:
    """What the user's own object must have, or a new one; None if the chart has it, or the provider needs none."""
    root = _ROOTS.get(planned.options.provider)
    if root is None:
        return None
    surroundings = planned.analysis.surroundings
    port = (
        surroundings.service.get(("spec", "ports", planned.analysis.port_choice.index, "port"))
        if (surroundings.service)
        else 80
    )
    namespace = next(iter(planned.options.namespaces), "NAMESPACE")
    child = _Child(surroundings.apex, namespace, port, next(iter(planned.options.hosts), _HOST))
    own = [each for each in planned.analysis.roots if each.kind == root.kind and _is_of(each, root)]
    if any(name == child.name or isinstance(name, dict) for each in own for name in root.includes(each)):
        return None
    written = f"the {root.child} {child.name} that Flagger writes"
    if own:
        names = " or ".join(f"{each.kind} {each.name} ({template_path(each)})" for each in own)
        lines = [f"No request reaches the canary until {names} includes {written}:"]
        document: Mapping[str, Any] = root.entry(child)
    else:
        lines = [f"No request reaches the canary until your own {root.kind} includes {written}, for example:"]
        document = {
            "apiVersion": f"{root.group}/{root.version}",
            "kind": root.kind,
            "metadata": {"name": f"{child.name}-root", "namespace": child.namespace},
            "spec": root.spec(child),
        }
    text = "".join(yaml_lines(key, value) for key, value in document.items())
    return "\n".join([*lines, *(f"  {line}" for line in text.splitlines())])


def _is_of(manifest: Manifest, root: _Root) -> bool:
    group = manifest.api_version.partition("/")[0]
    return group == root.group or (root.kind == "IngressRoute" and group == "traefik.containo.us")
