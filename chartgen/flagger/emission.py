"""The Flagger objects of one release, as text for `kubectl apply -f -`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.escaping import json_text, shown_line
from chartgen.manifests.namespaced import body_with_namespace, with_namespace
from chartgen.manifests.switches.gates import closed_gate, gated_namespaces, mentions
from chartgen.manifests.switches.kinds import may_render_canary

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.manifests.switches.gates import Gate

GROUP = "flagger.app/"
KINDS = ("MetricTemplate", "AlertProvider", "Canary")


def default_namespace(engine: Engine, chart: Chart, request: RenderRequest) -> str:
    """The first namespace that the conditions around the Canary name for this release, else Helm's own default."""
    return next(iter(gated_namespaces(engine, chart, request)), "default")


def other_namespaces(engine: Engine, chart: Chart, request: RenderRequest) -> list[str]:
    """The further namespaces that the conditions around the Canary name, as far as the Canary renders there."""
    named = gated_namespaces(engine, chart, request)
    return [
        name
        for name in named
        if name != request.namespace and may_render_canary(engine, chart, replace(request, namespace=name))
    ]


def flagger_objects(rendering: Rendering) -> list[Manifest]:
    """The MetricTemplates, AlertProviders, and Canaries of the rendering, in this order."""
    found = [manifest for manifest in rendering.of_kind(*KINDS) if manifest.api_version.startswith(GROUP)]
    return sorted(found, key=lambda manifest: KINDS.index(manifest.kind))


def require_canary(engine: Engine, chart: Chart, rendering: Rendering) -> list[Manifest]:
    """The Flagger objects; without a Canary among them, raises UsageError with the condition that is false."""
    found = flagger_objects(rendering)
    if any(manifest.kind == "Canary" for manifest in found):
        return found
    request = rendering.request
    if not mentions(chart):
        raise UsageError(f"{chart.root}: the chart has no Canary", hint=f"add one: chartgen add-canary {chart.root}")
    gate = closed_gate(engine, chart, request)
    reason = gate.description if gate else "a condition around it is false"
    raise UsageError(
        f"{chart.root}: the chart renders no Canary for release {request.release_name} in namespace"
        f" {request.namespace}: {reason}",
        hint=_switch_hint(engine, chart, request) or _how_to_open(gate),
    )


def _switch_hint(engine: Engine, chart: Chart, request: RenderRequest) -> str | None:
    """The option that switches the Canary on for this release, None unless one boolean does it."""
    from chartgen.manifests.switches.switch import find_switch

    setting = find_switch(engine, chart, request).on
    if setting is None or setting.namespace or setting.api_versions:
        return None
    path = ""
    value: Any = setting.overlay
    while isinstance(value, dict) and len(value) == 1:
        ((key, value),) = value.items()
        path = f"{path}.{key}" if path else str(key)
    return f"set the values of the condition, such as --set {path}=true" if value is True else None


def _how_to_open(gate: Gate | None) -> str:
    """What makes the condition true, as far as its text shows."""
    condition = gate.condition.opener.body if gate else ""
    by_namespace, by_values = ".Release.Namespace" in condition, ".Values" in condition
    namespace, values = "choose another --namespace", "set the values of the condition with -f or --set"
    if by_namespace != by_values:
        return namespace if by_namespace else values
    return f"{namespace}, or {values}"


def as_yaml(manifests: list[Manifest], namespace: str) -> str:
    """The documents as Helm rendered them, each with its namespace."""
    return "".join(
        f"---\n# Source: {shown_line(manifest.template)}\n{with_namespace(manifest, namespace).rstrip()}\n"
        for manifest in manifests
    )


def as_json(manifests: list[Manifest], namespace: str) -> str:
    """A single object, or a v1 List of several."""
    bodies = [body_with_namespace(manifest, namespace) for manifest in manifests]
    document = bodies[0] if len(bodies) == 1 else {"apiVersion": "v1", "kind": "List", "items": bodies}
    return json_text(document)
