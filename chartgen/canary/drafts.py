"""The possible ways to write a canary into a chart, the best one first; the planner takes the first one proven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.canary import files
from chartgen.canary.expression import Expression, ImmovableError, assignments_into
from chartgen.canary.guards import include_offsets, newline_of, service_region, wrap_replicas, wrap_service
from chartgen.canary.schema_merge import canary_property
from chartgen.charts.gotemplate.blocks import parse
from chartgen.errors import ProofError
from chartgen.proof.obligations import CanaryObligations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.canary.analysis import AutoscalerReference, ChartAnalysis
    from chartgen.canary.options import AddCanaryOptions
    from chartgen.charts.chart import Chart
    from chartgen.manifests.tracing.origin import Origin

# Keys of the Canary's `spec.service` and the matching keys of a Service's port.
_SERVICE_PORT_FIELD = {"port": "port", "targetPort": "targetPort", "portName": "name", "appProtocol": "appProtocol"}


@dataclass(frozen=True, slots=True)
class Draft:
    """One way to write the canary: path → new bytes, and notes for the user on what it leaves undone."""

    files: Mapping[str, bytes]
    guards_service: bool
    guards_replicas: bool
    notes: tuple[str, ...] = ()


def drafts(chart: Chart, analysis: ChartAnalysis, options: AddCanaryOptions) -> Iterator[Draft]:
    """The drafts for this chart, those that leave less to the user first; raises ProofError if there is none."""
    origin = analysis.replicas_origin
    # chartgen never changes the files of vendored subcharts.
    can_guard_replicas = origin is not None and origin.path.startswith("templates/") and not options.keep_replicas
    has_service = analysis.surroundings.service is not None
    guards_service = has_service and not options.keep_service and keeps_service_name(analysis, options)
    regions: list[ServiceRegion | None] = list(_service_regions(chart, analysis)) if guards_service else [None]
    for guards_replicas in (True, False) if can_guard_replicas else (False,):
        for region in regions:
            if guards_replicas and _reads_service(analysis) and _contains(region, origin):
                # The replicas would ask for the Canary, which would read the Service, which would print the replicas.
                continue
            yield _draft(chart, analysis, options, region, guards_replicas=guards_replicas)


def _contains(region: ServiceRegion | None, origin: Origin | None) -> bool:
    if region is None or origin is None or region.path != origin.path:
        return False
    return region.offsets[0] <= origin.start < region.offsets[1]


def keeps_service_name(analysis: ChartAnalysis, options: AddCanaryOptions) -> bool:
    """Whether Flagger serves the app under the Service's name: v1alpha2 always uses the target's name."""
    return options.api_version != "v1alpha2" or not analysis.apex_differs


@dataclass(frozen=True, slots=True)
class ServiceRegion:
    """The offsets in the file `path` that render the Service, to be moved into a named template.

    `assignments` are those before the region that it reads.
    """

    path: str
    offsets: tuple[int, int]
    assignments: tuple[str, ...]


def _service_regions(chart: Chart, analysis: ChartAnalysis) -> Iterator[ServiceRegion]:
    """The possible regions of the Service; raises ProofError if there is none."""
    service, origin = analysis.surroundings.service, analysis.service_origin
    assert service is not None
    path = service.template.split("/", 1)[1]
    text = chart.text(path)
    # If an `include` renders the Service, the text that calls it can be moved.
    offsets = [origin.start] if origin and origin.path == path else []
    regions = [region for offset in (*offsets, *include_offsets(text)) if (region := service_region(text, offset))]
    reason = "it can't be separated from the rest of its template"
    found = False
    for region in dict.fromkeys(regions):
        try:
            assignments = assignments_into(parse(text), *region)
        except ImmovableError as immovable:
            reason = str(immovable)
            continue
        found = True
        yield ServiceRegion(path, region, assignments)
    if not found:
        raise ProofError(
            f"{path}: can't put a condition around the Service {service.name}: {reason}",
            hint="move it to a file of its own, or run again with --keep-service",
        )


def _draft(
    chart: Chart,
    analysis: ChartAnalysis,
    options: AddCanaryOptions,
    region: ServiceRegion | None,
    *,
    guards_replicas: bool,
) -> Draft:
    texts = _guarded_templates(chart, analysis.replicas_origin if guards_replicas else None, region)
    variables = _template_variables(
        chart, analysis, options, guards_service=bool(region), guards_replicas=guards_replicas
    )
    new_files = {files.CANARY: files.with_checksum("canary.yaml.j2", variables)}
    if region or guards_replicas or analysis.target_kind or _reads_service(analysis):
        new_files[files.HELPERS] = files.with_checksum("_canary.tpl.j2", variables)
    newline = _newline_of_templates(chart)
    texts |= {path: text.replace("\n", newline) for path, text in new_files.items()}
    encoded = {path: text.encode("utf-8", "surrogateescape") for path, text in texts.items()}
    renders_replicas = analysis.target.kind == "Deployment" and analysis.target.get(("spec", "replicas")) is not None
    is_unguarded = renders_replicas and not guards_replicas and not options.keep_replicas
    return Draft(encoded, bool(region), guards_replicas, (_REPLICAS_NOTE,) if is_unguarded else ())


def _guarded_templates(chart: Chart, replicas: Origin | None, region: ServiceRegion | None) -> dict[str, str]:
    """The chart's own templates with the lines around its Service and replicas."""
    texts: dict[str, str] = {}
    shift = 0
    if replicas:
        before = chart.text(replicas.path)
        texts[replicas.path] = wrap_replicas(before, replicas.start, chart.name)
        if region and region.path == replicas.path:
            shift = len(texts[replicas.path]) - len(before)
    if region:
        start, end = region.offsets
        if shift and replicas:
            start += shift if replicas.start < start else 0
            end += shift if replicas.start < end else 0
        text = texts.get(region.path, chart.text(region.path))
        texts[region.path] = wrap_service(text, (start, end), chart.name, region.assignments)
    return texts


_REPLICAS_NOTE = (
    "chartgen can't put a condition around the chart's replicas: every upgrade scales the target up at once, and Helm 4"
    " rejects the upgrade (conflict on .spec.replicas) unless you add --force-conflicts"
)


def _newline_of_templates(chart: Chart) -> str:
    """CRLF if the chart's templates use it, so that an editor shows one kind of line ending."""
    texts = [chart.text(path) for path in sorted(chart.files) if path.startswith("templates/")]
    return newline_of("".join(texts))


def _template_variables(
    chart: Chart, analysis: ChartAnalysis, options: AddCanaryOptions, *, guards_service: bool, guards_replicas: bool
) -> dict[str, Any]:
    service_name = _service_name(chart, analysis)
    apex = analysis.apex_name or (analysis.target_name if not analysis.apex_differs else None)
    beta = options.api_version == "v1beta1"
    return {
        "chart": chart.name,
        "gate": files.gate(options),
        "conditions": _conditions(chart, analysis),
        "prelude": analysis.target_name.prelude,
        "target_kind_text": analysis.target_kind.text if analysis.target_kind else None,
        "api_version": options.api_version,
        "alpha2": options.api_version == "v1alpha2",
        "analysis_key": "analysis" if beta else "canaryAnalysis",
        "provider": None if options.api_version == "v1alpha2" else options.provider,
        "target_kind": analysis.target.kind,
        "target_name": analysis.target_name.text,
        "target_is_quoted": "target" in analysis.quoted_names,
        "namespace": _field("namespace", analysis.namespace) if analysis.namespace else None,
        "scalers": [] if options.api_version == "v1alpha2" else [_scaler(scaler) for scaler in analysis.scalers],
        "progress_deadline": options.progress_deadline,
        "fields": _fields(chart, analysis, service_name, options),
        "apex_metadata": beta and guards_service and _has_metadata(analysis),
        "wraps_service": guards_service,
        "reads_service": guards_service or _reads_service(analysis),
        "service_source": _service_source(chart, analysis, guards_service=guards_service),
        "wraps_replicas": guards_replicas,
        "apex_name": apex.text if apex else None,
        "apex_is_quoted": ("apex" if analysis.apex_name else "target") in analysis.quoted_names,
        "apex_prelude": apex.prelude if apex else (),
    }


def _conditions(chart: Chart, analysis: ChartAnalysis) -> list[str]:
    """The conditions under which the chart renders the target, and the Service if the Canary reads fields from it."""
    kind = analysis.target.kind
    is_kind = [f'eq (include "{chart.name}.canary.target-kind" .) "{kind}"'] if analysis.target_kind else []
    has_service = [f'include "{chart.name}.canary.own-service" .'] if analysis.derived_keys else []
    return [*analysis.target_name.conditions, *is_kind, *has_service]


def _reads_service(analysis: ChartAnalysis) -> bool:
    """Whether the Canary reads fields from the rendered Service."""
    return bool(analysis.derived_keys) or (analysis.apex_differs and not analysis.apex_name)


def _service_source(chart: Chart, analysis: ChartAnalysis, *, guards_service: bool) -> str:
    """The name of the template that renders the Service: a named one, or the file, which Helm names by its path."""
    service = analysis.surroundings.service
    if guards_service or service is None:
        return f'"{chart.name}.canary.chart-service"'
    path = service.template.split("/", 1)[1].removeprefix("templates/")
    return f'(print .Template.BasePath "/{path}")'


def _has_metadata(analysis: ChartAnalysis) -> bool:
    service = analysis.surroundings.service
    return bool(service and (service.get(("metadata", "labels")) or service.get(("metadata", "annotations"))))


def _service_name(chart: Chart, analysis: ChartAnalysis) -> Expression | None:
    """The Canary's `service.name`: None if the Service has the target's name in every release."""
    if not analysis.apex_differs:
        return None
    return analysis.apex_name or Expression(f"{{{{ ({_own_service(chart)}).metadata.name }}}}")


def _own_service(chart: Chart) -> str:
    return f'include "{chart.name}.canary.own-service" . | fromYaml'


def _fields(
    chart: Chart, analysis: ChartAnalysis, service_name: Expression | None, options: AddCanaryOptions
) -> list[dict[str, Any]]:
    fields = [_field(field.key, field.expression) for field in analysis.fields]
    if options.api_version == "v1alpha2":
        return fields
    for key in analysis.derived_keys:
        port = f"(index ({_own_service(chart)}).spec.ports {analysis.port_choice.index})"
        value = f"{port}.{_SERVICE_PORT_FIELD[key]}"
        # Every port has a number, the rest is optional.
        fields.append(_field(key, Expression(f"{{{{ {value} }}}}", (), () if key == "port" else (value,))))
    if analysis.port_choice.discovery:
        fields.append(_field("portDiscovery", Expression("true")))
    if service_name:
        fields.insert(0, _field("name", service_name.within(analysis.target_name)))
    return fields


def _field(key: str, expression: Expression) -> dict[str, Any]:
    return {
        "key": key,
        "text": expression.text,
        "prelude": expression.prelude,
        "conditions": expression.conditions,
    }


def _scaler(scaler: AutoscalerReference) -> dict[str, Any]:
    return {
        "kind": scaler.kind,
        "api_version": scaler.api_version,
        "name": scaler.name.text,
        "prelude": scaler.name.prelude,
        "conditions": scaler.name.conditions,
    }


def values_files(chart: Chart, options: AddCanaryOptions) -> dict[str, bytes]:
    """values.yaml with the `canary:` block, and values.schema.json with its property if the chart has one."""
    from chartgen.edits.json_text import add_property
    from chartgen.edits.yaml_text import add_top_level_block

    values = chart.files.get("values.yaml", b"")
    changed = {"values.yaml": add_top_level_block(values, "canary", files.values_block(options))}
    schema = chart.files.get("values.schema.json")
    if schema is not None:
        changed["values.schema.json"] = add_property(schema, "canary", canary_property(options.toggle))
    return changed


def obligations(analysis: ChartAnalysis, draft: Draft, options: AddCanaryOptions) -> CanaryObligations:
    """What the proof checks for this draft."""
    return CanaryObligations(
        toggle=("canary", options.toggle),
        namespaces=options.namespaces,
        variations=analysis.variations,
        surroundings=analysis.surroundings_in,
        port_index=analysis.port_choice.index,
        drops_service=draft.guards_service,
        api_version=f"flagger.app/{options.api_version}",
        needs_service=bool(analysis.derived_keys),
    )
