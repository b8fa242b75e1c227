"""The ways to write a canary into a chart, best first; the proof takes the first that holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.canary import files
from chartgen.canary.expression import Expression, ImmovableError, assignments_into
from chartgen.canary.guards import calls, newline_of, service_region, wrap_replicas, wrap_service
from chartgen.canary.schema_merge import canary_property
from chartgen.charts.gotemplate.blocks import parse
from chartgen.errors import ProofError
from chartgen.proof.promise import Promise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.canary.analysis import Study
    from chartgen.canary.options import AddCanaryOptions
    from chartgen.charts.chart import Chart
    from chartgen.manifests.tracing.origin import Origin

# The keys Flagger's Canary has for what is read off the chart's Service itself, and what that calls them.
_SERVICE_PORT_FIELD = {"port": "port", "targetPort": "targetPort", "portName": "name", "appProtocol": "appProtocol"}


@dataclass(frozen=True, slots=True)
class Draft:
    """One way to write it: path → new bytes, and lines for the user on what it could not do."""

    files: Mapping[str, bytes]
    guards_service: bool
    guards_replicas: bool
    notes: tuple[str, ...] = ()


def drafts(chart: Chart, study: Study, options: AddCanaryOptions) -> Iterator[Draft]:
    """The drafts for this chart, those with less for the user to do first."""
    origin = study.replicas_origin
    # A vendored subchart is somebody else's: its files are never changed.
    replicas = origin is not None and origin.path.startswith("templates/") and not options.keep_replicas
    guards_service = study.around.service is not None and not options.keep_service and is_served(study, options)
    moves: list[Move | None] = list(_moves(chart, study)) if guards_service else [None]
    for guards_replicas in (True, False) if replicas else (False,):
        for move in moves:
            yield _draft(chart, study, options, move, guards_replicas=guards_replicas)


def is_served(study: Study, options: AddCanaryOptions) -> bool:
    """Whether Flagger serves the app under the Service's name: v1alpha2 can only serve it under the target's."""
    return options.api_version != "v1alpha2" or not study.apex_differs


@dataclass(frozen=True, slots=True)
class Move:
    """The text `region` of the file `path` that prints the Service, to become a named template of its own."""

    path: str
    region: tuple[int, int]
    assignments: tuple[str, ...]


def _moves(chart: Chart, study: Study) -> Iterator[Move]:
    """The ways to take the Service out of its template; raises ProofError where there is none."""
    service, origin = study.around.service, study.service_origin
    assert service is not None
    path = service.template.split("/", 1)[1]
    text = chart.text(path)
    # Where the Service comes out of an `include`, what can be moved is the text that calls it.
    offsets = [origin.start] if origin and origin.path == path else []
    regions = [region for offset in (*offsets, *calls(text)) if (region := service_region(text, offset))]
    reason = "it cannot be cut out of its template as a whole"
    found = False
    for region in dict.fromkeys(regions):
        try:
            assignments = assignments_into(parse(text), *region)
        except ImmovableError as immovable:
            reason = str(immovable)
            continue
        found = True
        yield Move(path, region, assignments)
    if not found:
        raise ProofError(
            f"{path}: the Service {service.name} cannot be guarded: {reason}",
            hint="give it a file of its own, or leave it to every upgrade with --keep-service",
        )


def _draft(chart: Chart, study: Study, options: AddCanaryOptions, move: Move | None, *, guards_replicas: bool) -> Draft:
    texts = _guarded(chart, study.replicas_origin if guards_replicas else None, move)
    facts = _template_facts(chart, study, options, guards_service=bool(move), guards_replicas=guards_replicas)
    made = {files.CANARY: files.signed("canary.yaml.j2", facts)}
    if move or guards_replicas or study.target_kind:
        made[files.HELPERS] = files.signed("_canary.tpl.j2", facts)
    newline = _newline_of_templates(chart)
    texts |= {path: text.replace("\n", newline) for path, text in made.items()}
    encoded = {path: text.encode("utf-8", "surrogateescape") for path, text in texts.items()}
    renders_replicas = study.target.kind == "Deployment" and study.target.get(("spec", "replicas")) is not None
    is_left = renders_replicas and not guards_replicas and not options.keep_replicas
    return Draft(encoded, bool(move), guards_replicas, (_REPLICAS_NOTE,) if is_left else ())


def _guarded(chart: Chart, replicas: Origin | None, move: Move | None) -> dict[str, str]:
    """The chart's own templates with the lines around Service and replicas."""
    texts: dict[str, str] = {}
    grown = 0
    if replicas:
        before = chart.text(replicas.path)
        texts[replicas.path] = wrap_replicas(before, replicas.start, chart.name)
        if move and move.path == replicas.path:
            grown = len(texts[replicas.path]) - len(before)
    if move:
        start, end = move.region
        if grown and replicas:
            start += grown if replicas.start < start else 0
            end += grown if replicas.start < end else 0
        text = texts.get(move.path, chart.text(move.path))
        texts[move.path] = wrap_service(text, (start, end), chart.name, move.assignments)
    return texts


_REPLICAS_NOTE = (
    "replicas stays as the chart writes it, in a place that cannot be guarded: every upgrade scales the target up at"
    " once; Helm 4 refuses it (conflict on .spec.replicas) unless --force-conflicts is given"
)


def _newline_of_templates(chart: Chart) -> str:
    """CRLF where the chart's templates use it, so that an editor shows one kind of line end."""
    texts = [chart.text(path) for path in sorted(chart.files) if path.startswith("templates/")]
    return newline_of("".join(texts))


def _template_facts(
    chart: Chart, study: Study, options: AddCanaryOptions, *, guards_service: bool, guards_replicas: bool
) -> dict[str, Any]:
    apex = _apex_name(chart, study)
    alone = study.apex_name or (study.target_name if not study.apex_differs else None)
    beta = options.api_version == "v1beta1"
    return {
        "chart": chart.name,
        "gate": files.gate(options),
        "conditions": _conditions(chart, study),
        "prelude": study.target_name.prelude,
        "target_kind_text": study.target_kind.text if study.target_kind else None,
        "api_version": options.api_version,
        "alpha2": options.api_version == "v1alpha2",
        "analysis_key": "analysis" if beta else "canaryAnalysis",
        "provider": None if options.api_version == "v1alpha2" else options.provider,
        "target_kind": study.target.kind,
        "target_name": study.target_name.text,
        "target_is_quoted": "target" in study.quoted,
        "namespace": _field("namespace", study.namespace) if study.namespace else None,
        "scalers": [] if options.api_version == "v1alpha2" else [_scaler(scaler) for scaler in study.scalers],
        "progress_deadline": options.progress_deadline,
        "fields": _fields(chart, study, apex, options),
        "apex_metadata": beta and guards_service and _has_metadata(study),
        "wraps_service": guards_service,
        "wraps_replicas": guards_replicas,
        "apex_name": alone.text if alone else None,
        "apex_is_quoted": ("apex" if study.apex_name else "target") in study.quoted,
        "apex_prelude": alone.prelude if alone else (),
    }


def _conditions(chart: Chart, study: Study) -> list[str]:
    """The conditions under which the chart renders the target."""
    chosen = [f'eq (include "{chart.name}.canary.target-kind" .) "{study.target.kind}"'] if study.target_kind else []
    # What is read off the Service itself needs it to be rendered; without it there is no port to serve.
    needed = [f'include "{chart.name}.canary.own-service" .'] if study.derived else []
    return [*study.target_name.conditions, *chosen, *needed]


def _has_metadata(study: Study) -> bool:
    service = study.around.service
    return bool(service and (service.get(("metadata", "labels")) or service.get(("metadata", "annotations"))))


def _apex_name(chart: Chart, study: Study) -> Expression | None:
    """The `service.name` to write: none where the Service is called like the target in every release."""
    if not study.apex_differs:
        return None
    return study.apex_name or Expression(f"{{{{ ({_service_text(chart)}).metadata.name }}}}")


def _service_text(chart: Chart) -> str:
    return f'include "{chart.name}.canary.own-service" . | fromYaml'


def _fields(chart: Chart, study: Study, apex: Expression | None, options: AddCanaryOptions) -> list[dict[str, Any]]:
    found = [_field(fact.key, fact.expression) for fact in study.fields]
    if options.api_version == "v1alpha2":
        return found
    for key in study.derived:
        port = f"(index ({_service_text(chart)}).spec.ports {study.choice.index})"
        found.append(_field(key, Expression(f"{{{{ {port}.{_SERVICE_PORT_FIELD[key]} }}}}")))
    if study.choice.discovery:
        found.append(_field("portDiscovery", Expression("true")))
    if apex:
        found.insert(0, _field("name", apex.within(study.target_name.conditions)))
    return found


def _field(key: str, expression: Expression) -> dict[str, Any]:
    return {
        "key": key,
        "text": expression.text,
        "prelude": expression.prelude,
        "conditions": expression.conditions,
    }


def _scaler(scaler: Any) -> dict[str, Any]:
    return {
        "kind": scaler.kind,
        "api_version": scaler.api_version,
        "name": scaler.name.text,
        "prelude": scaler.name.prelude,
        "conditions": scaler.name.conditions,
    }


def settings(chart: Chart, options: AddCanaryOptions) -> dict[str, bytes]:
    """values.yaml with the block, and values.schema.json with its property where the chart has one."""
    from chartgen.edits.json_text import add_property
    from chartgen.edits.yaml_text import add_top_level_block

    values = chart.files.get("values.yaml", b"")
    changed = {"values.yaml": add_top_level_block(values, "canary", files.values_block(options))}
    schema = chart.files.get("values.schema.json")
    if schema is not None:
        changed["values.schema.json"] = add_property(schema, "canary", canary_property(options.toggle))
    return changed


def promise(study: Study, draft: Draft, options: AddCanaryOptions) -> Promise:
    """What the proof must find of this draft."""
    return Promise(
        toggle=("canary", options.toggle),
        namespaces=options.namespaces,
        variations=study.variations,
        surroundings=study.surroundings_in,
        port_index=study.choice.index,
        drops_service=draft.guards_service,
        api_version=f"flagger.app/{options.api_version}",
        needs_service=bool(study.derived),
    )
