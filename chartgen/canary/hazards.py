"""Objects of a chart that make a canary of its target harmful or impossible, a line each with the way on."""

from __future__ import annotations

import shlex
from itertools import islice
from typing import TYPE_CHECKING, Any

from chartgen.canary.survey import (
    find_target,
    is_tcp,
    selects,
    shares_namespace,
    tcp_ports,
    template_path,
)
from chartgen.manifests.switches.switch import settings_to_try
from chartgen.rules.cluster import Cluster
from chartgen.rules.reading.neighbours import in_same_namespace, is_knative, pod_labels, selector_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.canary.survey import Surroundings
    from chartgen.charts.chart import Chart
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.proof.renderer import Renderer

_GLOO = "gateway.solo.io/"
_ROUTES = ("VirtualService", "HTTPRoute", "DestinationRule")
# Controllers that a chart may switch on by values, and that then manage the target besides Flagger.
_CONTROLLERS = ("Canary", "Rollout")
_LONG_LIVED = ("Deployment", "DaemonSet", "StatefulSet", "ReplicaSet")
_MOST_SETTINGS = 8


def existing_canaries(rendering: Rendering) -> list[str]:
    """A line for each Canary that the chart already renders."""
    return [_existing_canary(rendering.chart, manifest, "") for manifest in _flagger_canaries(rendering)]


def hazards(rendering: Rendering, surroundings: Surroundings) -> list[str]:
    """A line for each rendered object that conflicts with a Canary of this target."""
    controllers = _controllers(rendering, surroundings.target, "")
    if is_knative(surroundings.target):
        return [*controllers, *_knative_traffic(surroundings.target)]
    return [*controllers, *_routes(rendering, surroundings.apex), *_services(rendering, surroundings)]


def _knative_traffic(target: Manifest) -> Iterator[str]:
    if target.get(("spec", "traffic")):
        yield (
            f"{template_path(target)}: Knative Service {target.name} sets spec.traffic, in which Flagger writes the"
            " weights. Remove it: without it, Knative sends all requests to the latest revision"
        )


def hazards_behind_switches(renderer: Renderer, rendering: Rendering, target: Manifest) -> Iterator[str]:
    """A line for each Canary or Argo Rollout of this target that the chart renders only with other values."""
    for kind in _CONTROLLERS:
        settings = settings_to_try(renderer.engine, rendering.chart, rendering.request, kind)
        for setting in islice(settings, _MOST_SETTINGS):
            switched_on = renderer.attempt(rendering.chart, setting.applied(rendering.request))
            same_target = find_target(switched_on, target) if switched_on else None
            if switched_on and same_target:
                yield from _controllers(switched_on, same_target, _condition(setting.overlay))


def _condition(overlay: Mapping[str, Any]) -> str:
    """` with a.b=true`, the values of an overlay; empty if it has none."""
    values = ", ".join(settings_of(overlay))
    return f" with {values}" if values else ""


def settings_of(overlay: Mapping[str, Any]) -> list[str]:
    """`a.b=true`: the values of an overlay as the option --set writes them."""
    return [f"{path}={str(value).lower() if value is True else value}" for path, value in _leaves(overlay)]


def _leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(node, dict):
        yield path, node
        return
    for key, below in node.items():
        yield from _leaves(below, f"{path}.{key}" if path else str(key))


def _controllers(rendering: Rendering, target: Manifest, condition: str) -> Iterator[str]:
    for canary in _flagger_canaries(rendering):
        reference = canary.get(("spec", "targetRef")) or {}
        names = {canary.name, reference.get("name") or target.name}
        if target.name in names and shares_namespace(canary, target, rendering):
            yield _existing_canary(rendering.chart, canary, condition)
    for rollout in rendering.of_kind("Rollout"):
        reference = rollout.get(("spec", "workloadRef")) or {}
        named = (reference.get("kind"), reference.get("name"))
        if named == (target.kind, target.name) and shares_namespace(rollout, target, rendering):
            yield (
                f"{template_path(rollout)}{condition}: the Argo Rollout {rollout.name} manages {target.kind}"
                f" {target.name} through its workloadRef, and so would Flagger. Remove one of them"
            )


def _flagger_canaries(rendering: Rendering) -> list[Manifest]:
    return [canary for canary in rendering.of_kind("Canary") if canary.api_version.startswith("flagger.app/")]


def _existing_canary(chart: Chart, canary: Manifest, condition: str) -> str:
    return (
        f"{template_path(canary)} already renders the Canary {canary.name}{condition}. Adopt it: {how_to_adopt(chart)}"
    )


def how_to_adopt(chart: Chart) -> str:
    """The command that takes over a Canary that chartgen didn't add."""
    return f"chartgen migrate {shlex.quote(str(chart.root))}"


def _routes(rendering: Rendering, apex: str) -> Iterator[str]:
    for route in rendering.of_kind(*_ROUTES):
        if route.api_version.startswith(_GLOO):
            continue  # Gloo's VirtualService includes Flagger's RouteTable, often under the same name.
        if route.name == apex or (route.kind == "VirtualService" and _routes_to(route, apex)):
            yield (
                f"{template_path(route)}: {route.kind} {route.name} routes traffic to {apex}, and so would Flagger."
                " Remove it"
            )


def _routes_to(manifest: Manifest, apex: str) -> bool:
    hosts = manifest.get(("spec", "hosts")) or []
    return any(str(host).split(".")[0] == apex for host in hosts)


def _services(rendering: Rendering, surroundings: Surroundings) -> Iterator[str]:
    """Services whose name Flagger takes over, but that it can't serve as the chart does."""
    target, own = surroundings.target, surroundings.service
    for service in rendering.of_kind("Service"):
        if service.name != surroundings.apex or not shares_namespace(service, target, rendering):
            continue
        where = f"{template_path(service)}: Service {service.name}"
        if not selects(service, target):
            yield (
                f"{where} selects none of the pods of {target.kind} {target.name}, and Flagger would take it over:"
                f" its selector is {_labels(service.get(('spec', 'selector')))}, their labels are"
                f" {_labels(target.get(('spec', 'template', 'metadata', 'labels')))}. Correct one of them, or rename"
                " the Service"
            )
        elif not tcp_ports(service):
            yield f"{where} has no TCP port for Flagger to serve. Give it one, or rename the Service"
        elif own and (lost := _ports_without_tcp(service)):
            yield (
                f"{where} would lose its port {', '.join(lost)}: Flagger's Services are TCP only. Move it to a Service"
                " of another name"
            )


def _ports_without_tcp(service: Manifest) -> list[str]:
    ports = service.get(("spec", "ports")) or []
    return [f"{port.get('port')}/{port['protocol']}" for port in ports if isinstance(port, dict) and not is_tcp(port)]


def _labels(labels: Any) -> str:
    return (
        ",".join(f"{key}={value}" for key, value in labels.items()) if isinstance(labels, dict) and labels else "empty"
    )


def label_sharers(rendering: Rendering, target: Manifest) -> tuple[str, ...]:
    """Other workloads whose pods carry the label by which Flagger's Services select the target's, and this label."""
    label = selector_label(target, Cluster().selector_labels)
    if label is None:
        return ()
    key, value = label
    return tuple(
        f"{other.kind} {other.name} also has the label {key}={value}"
        for other in in_same_namespace(target, rendering, *_LONG_LIVED)
        if (other.kind, other.name) != (target.kind, target.name) and pod_labels(other).get(key) == value
    )
