"""Runs `chartgen dashboard`: prints the dashboard, or writes it into a chart after Helm has rendered it there."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.charts.load import load_chart
from chartgen.cli.output import note, write_result
from chartgen.cli.plan_canaries import canary_contexts, require_one
from chartgen.cluster.dashboard.grafana import config_map, dashboard_json
from chartgen.cluster.dashboard.into_chart import DATA, NAMESPACE, TEMPLATE, chart_files, prove
from chartgen.cluster.dashboard.panels import marks, panels
from chartgen.edits.plan import Plan
from chartgen.edits.transaction import apply
from chartgen.errors import UsageError
from chartgen.escaping import json_text
from chartgen.flagger.canary import as_mapping, as_str, read_canary
from chartgen.flagger.emission import default_namespace
from chartgen.flagger.names import Names
from chartgen.flagger.providers import is_known
from chartgen.helm.request import RenderRequest, with_api_versions
from chartgen.helm.select import select_engine

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.cli.plan_request import CanarySource
    from chartgen.flagger.canary import Canary
    from chartgen.helm.engine import Engine
    from chartgen.helm.select import HelmChoice
    from chartgen.planning.request import CanaryContext

# A label's parts, as Kubernetes allows them, are checked by the API server.
_GENERIC = Names(canary="$canary", namespace="$namespace", target="$target", apex="$service")


@dataclass(frozen=True, slots=True)
class DashboardRequest:
    """One `dashboard`. `into`: the chart to write into, or None; `source.path` is empty without a chart."""

    source: CanarySource
    provider: str
    label: tuple[str, str]
    into: Path | None


def label_of(text: str) -> tuple[str, str]:
    """`key=value`; UsageError for anything else."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise UsageError(f"--label {text!r} is not a label", hint="write it as KEY=VALUE, such as grafana_dashboard=1")
    return key, value


def run(request: DashboardRequest, helm: HelmChoice, format_name: str, output: Path | None) -> None:
    """Print one dashboard, or write it into its chart."""
    if not is_known(request.provider):
        raise UsageError(
            f"--provider {request.provider!r} is not a provider of Flagger", hint="try istio or gatewayapi:v1"
        )
    if request.into:
        _write_into(request, request.into, select_engine(helm.program, helm.limits))
        return
    if request.source.path:
        engine = select_engine(helm.program, helm.limits)
        context = require_one(canary_contexts(engine, request.source), request.source.label)
        canary = _canary(context, request.provider)
        document = _document(canary, context.objects, {})
        name = f"{canary.names.canary}-canary"
    else:
        document, name = _generic(_canary(None, request.provider), (), {}), "flagger-canary"
    if format_name == "configmap":
        document = config_map(name, document, request.label)
    write_result(json_text(document), output)


def _canary(context: CanaryContext | None, provider: str) -> Canary:
    document: Any = context.canary if context else _any_canary(provider)
    canary = read_canary(document)
    named = as_str(as_mapping(document.get("spec")).get("provider"))
    return canary if named else replace(canary, provider=provider)


def _any_canary(provider: str) -> dict[str, Any]:
    """A Canary with the builtin metrics and no thresholds of its own."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "target"}
    spec = {"provider": provider, "targetRef": target, "service": {"port": 80}, "analysis": {}}
    return {"metadata": {"name": "canary", "namespace": "default"}, "spec": spec}


def _document(canary: Canary, objects: tuple[Any, ...], names: dict[str, str]) -> dict[str, Any]:
    title = "Canaries" if names else f"Canary {canary.names.namespace}/{canary.names.canary}"
    uid = "flagger-canary" if names else f"canary-{canary.names.namespace}-{canary.names.canary}"[:40]
    return dashboard_json(title, uid, panels(canary, objects), marks(canary), names)


def _generic(canary: Canary, objects: tuple[Any, ...], defaults: dict[str, str]) -> dict[str, Any]:
    """A dashboard with variables for the names; those that its queries use."""
    general = replace(canary, names=_GENERIC, ingress="$ingress", route="$route")
    queries = json.dumps(
        [[query.expr for panel in row for query in panel.queries] for _, row in panels(general, objects)]
    )
    used = [name for name in ("namespace", "canary", "target", "service", "ingress", "route") if f"${name}" in queries]
    return _document(general, objects, {name: defaults.get(name, "") for name in used})


def _write_into(request: DashboardRequest, into: Path, engine: Engine) -> None:
    chart, source = load_chart(into), request.source
    context = require_one(canary_contexts(engine, source), source.label)
    canary = _canary(context, request.provider)
    names = canary.names
    defaults = {
        "namespace": NAMESPACE,
        "canary": names.canary,
        "target": names.target,
        "service": names.apex,
        "ingress": canary.ingress,
        "route": canary.route,
    }
    files = chart_files(chart, _generic(canary, context.objects, defaults), request.label)
    render_request = RenderRequest(
        release_name=source.release_name,
        sources=source.value_sources,
        kube_version=source.kube_version or None,
        api_versions=with_api_versions(list(source.api_versions)),
    )
    namespace = source.namespace or default_namespace(engine, chart, render_request)
    prove(engine, chart, files, replace(render_request, namespace=namespace))
    plan = Plan.of(into, chart.files, files)
    if plan:
        apply(plan)
    note(f"{into}: wrote {DATA} and {TEMPLATE}" if plan else f"{into}: the chart has this dashboard already")
