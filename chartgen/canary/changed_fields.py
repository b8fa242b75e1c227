"""The fields of a chart's own objects that Flagger and the autoscaler change, for the tools that correct drift.

Flagger's own objects (the primary, its Services and routes) aren't the chart's, so no tool compares them. Source of
each field: Flagger 1.44, pkg/canary (deployment_controller.go, daemonset_controller.go, scaled_object_reconciler.go)
and pkg/router (kubernetes_default.go, knative.go).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartgen.canary.conflicts import without_canary
from chartgen.canary.existing import delivery_in, existing_canaries, existing_toggle
from chartgen.canary.options import DELIVERIES
from chartgen.charts.vendored import with_subcharts_opened
from chartgen.edits.yaml_flow import format_scalar
from chartgen.errors import UsageError
from chartgen.flagger.emission import default_namespace, require_canary
from chartgen.flagger.providers import provider_of
from chartgen.manifests.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.existing import ExistingCanary
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

_WORKLOAD_FIELDS = {
    "Deployment": ("/spec/replicas",),
    "DaemonSet": ("/spec/template/spec/nodeSelector/flagger.app~1scale-to-zero",),
    "Service": ("/spec/traffic",),
}
_SCALER_FIELDS = {"ScaledObject": ("/metadata/annotations/autoscaling.keda.sh~1paused-replicas",)}
_SERVICE_FIELDS = ("/spec/ports", "/spec/selector")


@dataclass(frozen=True, slots=True)
class ChangedObject:
    """An object of the chart, and JSON pointers to its fields that others change in the cluster."""

    group: str
    kind: str
    name: str
    pointers: tuple[str, ...]


def changed_objects(engine: Engine, chart: Chart, request: RenderRequest, tool: str) -> list[ChangedObject]:
    """The changed objects of the release while its canaries are on; `tool` is `argocd` or `flux`.

    Raises UsageError if the release has no Canary, or if nothing that it renders is changed.
    """
    stripped = without_canary(chart)
    existing = existing_canaries(engine, chart, stripped)
    request = request.over({each.slot.key: _switched_on(each) for each in existing})
    request = replace(request, namespace=default_namespace(engine, chart, request))
    opened = with_subcharts_opened(chart)
    rendering = render(engine, opened, request, tool)
    canaries = [each for each in require_canary(engine, opened, rendering) if each.kind == "Canary"]
    # Flux renders with the cluster, where a chart for Helm has its Service while the canary is on.
    asks_cluster = any(delivery_in(each.template) == DELIVERIES[0] for each in existing)
    own = (
        render(engine, with_subcharts_opened(stripped), request, tool) if tool == "flux" and asks_cluster else rendering
    )
    found = {
        (each.group, each.kind, each.name): each for canary in canaries for each in _changed(canary, rendering, own)
    }
    if not found:
        raise UsageError(f"{chart.root}: Flagger changes no field of the objects that this release renders")
    return list(found.values())


def _switched_on(existing: ExistingCanary) -> dict[str, object]:
    return {existing_toggle(existing): True, **({"namespaces": []} if "namespaces" in existing.block else {})}


def _changed(canary: Manifest, rendering: Rendering, own: Rendering) -> Iterator[ChangedObject]:
    """What Flagger changes for one Canary. `own` has the Service as the tool renders it."""
    reference = canary.get(("spec", "targetRef")) or {}
    target = rendering.named(str(reference.get("kind")), str(reference.get("name")))
    if target is not None:
        yield from _with_fields(target, _WORKLOAD_FIELDS.get(target.kind, ()))
    if target is not None and target.kind == "Service":
        # Knative splits the traffic itself.
        return
    scaler = canary.get(("spec", "autoscalerRef")) or {}
    scaled = rendering.named(str(scaler.get("kind")), str(scaler.get("name")))
    if scaled is not None:
        yield from _with_fields(scaled, _SCALER_FIELDS.get(scaled.kind, ()))
    apex = str(canary.get(("spec", "service", "name")) or reference.get("name"))
    service = own.named("Service", apex)
    if service is not None:
        yield from _with_fields(service, _SERVICE_FIELDS)
    route = provider_of(str(canary.get(("spec", "provider")) or "istio")).route
    routed = rendering.named(route, apex) if route and route != "Ingress" else None
    if routed is not None:
        yield from _with_fields(routed, ("/spec",))


def _with_fields(manifest: Manifest, pointers: tuple[str, ...]) -> Iterator[ChangedObject]:
    if pointers:
        group = manifest.api_version.rpartition("/")[0]
        yield ChangedObject(group, manifest.kind, manifest.name, pointers)


def as_argocd(objects: list[ChangedObject]) -> str:
    """The part of an Argo CD Application. Without the option, a sync resets the fields that only the diff ignores."""
    lines = ["# for an Argo CD Application", "spec:", "  ignoreDifferences:"]
    for each in objects:
        group = [f"group: {each.group}"] if each.group else []
        fields = [*group, f"kind: {each.kind}", f"name: {format_scalar(each.name)}", "jsonPointers:"]
        lines += [f"  {'-' if first else ' '} {field}" for first, field in _firsts(fields)]
        lines += [f"    - {pointer}" for pointer in each.pointers]
    lines += ["  syncPolicy:", "    syncOptions:", "    - RespectIgnoreDifferences=true"]
    return "".join(f"{line}\n" for line in lines)


def as_flux(objects: list[ChangedObject]) -> str:
    """The part of a Flux HelmRelease."""
    lines = ["# for a Flux HelmRelease", "spec:", "  driftDetection:", "    mode: enabled", "    ignore:"]
    for each in objects:
        lines += ["    - paths:", *(f"      - {pointer}" for pointer in each.pointers)]
        lines += ["      target:", f"        kind: {each.kind}", f"        name: {format_scalar(each.name)}"]
    return "".join(f"{line}\n" for line in lines)


def _firsts(fields: list[str]) -> Iterator[tuple[bool, str]]:
    return ((number == 0, field) for number, field in enumerate(fields))
