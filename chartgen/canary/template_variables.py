"""What the templates of the Canary's files are filled in with."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.canary import files
from chartgen.canary.expression import Expression
from chartgen.canary.gateways import api_versions
from chartgen.canary.provider_settings import reads_deadline
from chartgen.flagger.canary import KNATIVE_API
from chartgen.patterns import lazy_pattern
from chartgen.rules.reading.neighbours import is_knative

if TYPE_CHECKING:
    from chartgen.canary.analysis import ChartAnalysis
    from chartgen.canary.options import AddCanaryOptions
    from chartgen.canary.references import ObjectReference
    from chartgen.charts.chart import Chart

# Keys of the Canary's `spec.service` and the matching keys of a Service's port.
_SERVICE_PORT_FIELD = {"port": "port", "targetPort": "targetPort", "portName": "name", "appProtocol": "appProtocol"}
# Labels that change with every version of a chart: in the Canary they would make Flagger rewrite routes mid-rollout.
_VERSION_LABELS = ("helm.sh/chart", "chart", "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "heritage")
_TEMPLATE = lazy_pattern(r"^template\s+")
_ONE_ACTION = lazy_pattern(r"\{\{-?\s*(?P<pipeline>(?:(?!\}\}).)+?)\s*-?\}\}")


def template_variables(
    chart: Chart,
    analysis: ChartAnalysis,
    options: AddCanaryOptions,
    *,
    guards_service: bool,
    guards_replicas: bool,
    one_document: bool,
) -> dict[str, Any]:
    """The variables of both templates. `one_document`: the guarded text is the Service's document and nothing else."""
    prefix = options.slot.prefix(chart.name)
    alpha2 = options.api_version == "v1alpha2"
    searches = not one_document if guards_service else analysis.reads_service
    own_service = f'include "{prefix}.{"own" if searches else "chart"}-service" . | fromYaml'
    fields = _fields(analysis, own_service, options)
    reads_target = options.asks_cluster and (guards_service or guards_replicas)
    beside = _objects_beside(options)
    names_itself = options.fills_in or bool(beside["companions"])
    return {
        "key": options.slot.key,
        "values": f".Values.{options.slot.key}",
        "prefix": prefix,
        "canary_file": options.slot.canary.removeprefix("templates/"),
        "command": options.command,
        "gate": files.gate(options),
        "conditions": _conditions(prefix, analysis, own_service),
        "api_version": options.api_version,
        "alpha2": alpha2,
        "analysis_key": "analysis" if options.api_version == "v1beta1" else "canaryAnalysis",
        "default_deadline": replace(options, deadline=None).progress_deadline if reads_deadline(options) else None,
        "references": [] if alpha2 else [_reference(each) for each in analysis.references],
        "fields": fields,
        "apex_metadata": options.api_version == "v1beta1" and guards_service and _has_metadata(analysis),
        "version_labels": " ".join(json.dumps(label) for label in _VERSION_LABELS),
        "guards_service": guards_service,
        "guards_replicas": guards_replicas,
        "searches_service": searches,
        "own_service": own_service,
        "service_source": _service_source(prefix, analysis, guards_service=guards_service),
        "fills_in": options.fills_in,
        **beside,
        "asks_cluster": options.asks_cluster,
        **_of_target(prefix, analysis, is_read=reads_target or names_itself),
        **_of_apex(analysis, is_read=searches),
    }


def _objects_beside(options: AddCanaryOptions) -> dict[str, dict[str, str]]:
    """The keys of the values for Gateways → their apiVersion, and for other objects of the Canary → their kind."""
    gateways = api_versions(options)
    kinds = {key: kind for key, kind in options.companions.items() if key not in gateways}
    return {"companions": kinds, "gateways": gateways}


def _of_target(prefix: str, analysis: ChartAnalysis, *, is_read: bool) -> dict[str, Any]:
    """The variables for the target's name, kind, and namespace; `is_read`: the named templates need them."""
    name = analysis.target_name
    is_quoted = "target" in analysis.quoted_names
    action = None if name.prelude or is_quoted else _ONE_ACTION.fullmatch(name.text)
    pipeline = _TEMPLATE.sub("include ", action["pipeline"]) if action else f'include "{prefix}.target" .'
    namespace = f'(include "{prefix}.namespace" ROOT)' if analysis.namespace else "ROOT.Release.Namespace"
    return {
        "prelude": name.prelude,
        "target_kind_text": analysis.target_kind.text if analysis.target_kind else None,
        "target_kind": analysis.target.kind,
        "is_knative": is_knative(analysis.target),
        "target_api": KNATIVE_API if is_knative(analysis.target) else "apps/v1",
        "target_name": name.text,
        "target_is_quoted": is_quoted,
        # Inside `range`, `.` is another object, so the name needs a template of its own there.
        "target": f"({pipeline})",
        "target_in_range": f'(include "{prefix}.target" $root)',
        "target_define": is_read,
        "target_is_inline": bool(action),
        "namespace": _field("namespace", analysis.namespace) if analysis.namespace else None,
        "in_root": namespace.replace("ROOT.", ".").replace("ROOT", "."),
        "in_range": namespace.replace("ROOT", "$root"),
        "in_dollar": namespace.replace("ROOT", "$"),
    }


def _of_apex(analysis: ChartAnalysis, *, is_read: bool) -> dict[str, Any]:
    """The variables for the Service's name, empty unless a template `is_read` to find the Service by it."""
    apex = analysis.apex_name or (analysis.target_name if not analysis.apex_differs else None)
    if not is_read or not apex:
        return {"apex_name": None, "apex_is_quoted": False, "apex_prelude": ()}
    is_quoted = ("apex" if analysis.apex_name else "target") in analysis.quoted_names
    return {"apex_name": apex.text, "apex_is_quoted": is_quoted, "apex_prelude": apex.prelude}


def _conditions(prefix: str, analysis: ChartAnalysis, own_service: str) -> list[str]:
    """The conditions under which the chart renders the target, and the Service if the Canary reads fields from it."""
    kind = analysis.target.kind
    is_kind = [f'eq (include "{prefix}.target-kind" .) "{kind}"'] if analysis.target_kind else []
    has_service = [own_service] if analysis.derived_keys else []
    return [*analysis.target_name.conditions, *is_kind, *has_service]


def _service_source(prefix: str, analysis: ChartAnalysis, *, guards_service: bool) -> str:
    """The name of the template that renders the Service: a named one, or the file, which Helm names by its path."""
    service = analysis.surroundings.service
    if guards_service or service is None:
        return f'"{prefix}.chart-service"'
    path = service.template.split("/", 1)[1].removeprefix("templates/")
    return f'(print .Template.BasePath "/{path}")'


def _has_metadata(analysis: ChartAnalysis) -> bool:
    service = analysis.surroundings.service
    return bool(service and (service.get(("metadata", "labels")) or service.get(("metadata", "annotations"))))


def _fields(analysis: ChartAnalysis, own_service: str, options: AddCanaryOptions) -> list[dict[str, Any]]:
    """The keys of `spec.service`, without a name if the Service has the target's in every release."""
    fields = [_field(field.key, field.expression) for field in analysis.fields]
    if options.api_version == "v1alpha2":
        return fields
    for key in analysis.derived_keys:
        value = f"(index ({own_service}).spec.ports {analysis.port_choice.index}).{_SERVICE_PORT_FIELD[key]}"
        # Every port has a number, the rest is optional.
        fields.append(_field(key, Expression(f"{{{{ {value} }}}}", (), () if key == "port" else (value,))))
    if analysis.port_choice.discovery:
        fields.append(_field("portDiscovery", Expression("true")))
    if analysis.apex_differs:
        name = analysis.apex_name or Expression(f"{{{{ ({own_service}).metadata.name }}}}")
        fields.insert(0, _field("name", name.within(analysis.target_name)))
    return fields


def _field(key: str, expression: Expression) -> dict[str, Any]:
    return {
        "key": key,
        "text": expression.text,
        "prelude": expression.prelude,
        "conditions": expression.conditions,
    }


def _reference(reference: ObjectReference) -> dict[str, Any]:
    field = {"kind": reference.kind, "api_version": reference.api_version}
    return {**_field(reference.key, reference.name), **field}
