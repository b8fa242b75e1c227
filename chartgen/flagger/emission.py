"""The Flagger objects of one release, as text for `kubectl apply -f -`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.errors import UsageError
from chartgen.escaping import json_text
from chartgen.manifests.namespaced import body_with_namespace, with_namespace
from chartgen.manifests.switches.gates import closed_gate, gated_namespaces, mentions

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

GROUP = "flagger.app/"
KINDS = ("MetricTemplate", "AlertProvider", "Canary")


def default_namespace(chart: Chart) -> str:
    """The first namespace the chart's gate lets through, else Helm's own default."""
    return next(iter(gated_namespaces(chart)), "default")


def flagger_objects(rendering: Rendering) -> list[Manifest]:
    """Every MetricTemplate, AlertProvider and Canary of the rendering, what a Canary refers to first."""
    found = [manifest for manifest in rendering.of_kind(*KINDS) if manifest.api_version.startswith(GROUP)]
    return sorted(found, key=lambda manifest: KINDS.index(manifest.kind))


def require_canary(engine: Engine, chart: Chart, rendering: Rendering) -> list[Manifest]:
    """The Flagger objects; UsageError says which condition is closed where no Canary is among them."""
    found = flagger_objects(rendering)
    if any(manifest.kind == "Canary" for manifest in found):
        return found
    request = rendering.request
    if not mentions(chart):
        raise UsageError(f"{chart.root}: the chart has no Canary", hint=f"chartgen add-canary {chart.root}")
    gate = closed_gate(engine, chart, request)
    told = f"closed by {gate.told}" if gate else "a condition around it is closed"
    raise UsageError(
        f"{chart.root}: no Canary is rendered for release {request.release_name} in namespace {request.namespace}:"
        f" {told}",
        hint="choose --namespace, or set the values it asks for with -f or --set",
    )


def as_yaml(manifests: list[Manifest], namespace: str) -> str:
    """The documents as Helm rendered them, with the namespace, one after the other."""
    return "".join(
        f"---\n# Source: {manifest.template}\n{with_namespace(manifest, namespace).rstrip()}\n"
        for manifest in manifests
    )


def as_json(manifests: list[Manifest], namespace: str) -> str:
    """One object, or a v1 List of them."""
    bodies = [body_with_namespace(manifest, namespace) for manifest in manifests]
    document = bodies[0] if len(bodies) == 1 else {"apiVersion": "v1", "kind": "List", "items": bodies}
    return json_text(document)
