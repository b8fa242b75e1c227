"""The possible ways to write a canary into a chart, the best one first; the planner takes the first one proven."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartgen.canary import files
from chartgen.canary.editor_comments import commented
from chartgen.canary.expression import ImmovableError, assignments_into
from chartgen.canary.guards import is_wrapped, newline_of, wrap_replicas, wrap_service
from chartgen.canary.regions import Region, include_offsets, service_regions
from chartgen.canary.schema_merge import canary_property
from chartgen.canary.template_variables import template_variables
from chartgen.charts.gotemplate.blocks import parse
from chartgen.errors import ProofError
from chartgen.proof.obligations import CanaryObligations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.canary.analysis import ChartAnalysis
    from chartgen.canary.options import AddCanaryOptions
    from chartgen.charts.chart import Chart
    from chartgen.manifests.tracing.origin import Origin


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
            if guards_replicas and analysis.reads_service and _contains(region, origin):
                # The replicas would ask for the Canary, which would read the Service, which would print the replicas.
                continue
            for one_document in (True, False) if region and region.is_one_document else (False,):
                yield _draft(
                    chart, analysis, options, region, guards_replicas=guards_replicas, one_document=one_document
                )


def _contains(region: ServiceRegion | None, origin: Origin | None) -> bool:
    if region is None or origin is None or region.path != origin.path:
        return False
    return region.lines.start <= origin.start < region.lines.end


def keeps_service_name(analysis: ChartAnalysis, options: AddCanaryOptions) -> bool:
    """Whether Flagger serves the app under the Service's name: v1alpha2 always uses the target's name."""
    return options.api_version != "v1alpha2" or not analysis.apex_differs


@dataclass(frozen=True, slots=True)
class ServiceRegion:
    """The lines of the file `path` that render the Service, to be moved into a named template.

    `assignments` are those before the region that it reads. `is_one_document`: it contains no `---` but at its start.
    """

    path: str
    lines: Region
    assignments: tuple[str, ...]
    is_one_document: bool


def _service_regions(chart: Chart, analysis: ChartAnalysis) -> Iterator[ServiceRegion]:
    """The possible regions of the Service; raises ProofError if there is none."""
    service, origin = analysis.surroundings.service, analysis.service_origin
    assert service is not None
    path = service.template.split("/", 1)[1]
    text = chart.text(path)
    if origin and is_wrapped(parse(chart.text(origin.path)), origin.start):
        raise ProofError(
            f"{origin.path}: can't put a condition around the Service {service.name}: the `range` that renders it also"
            " renders the Service of another Canary, which has one",
            hint="give it a template of its own, or run again with --target for this workload alone and --keep-service",
        )
    # If an `include` renders the Service, the text that calls it can be moved.
    offsets = [origin.start] if origin and origin.path == path else []
    regions = [region for offset in (*offsets, *include_offsets(text)) for region in service_regions(text, offset)]
    reason = "it can't be separated from the rest of its template"
    found = False
    for region in dict.fromkeys(regions):
        try:
            assignments = assignments_into(parse(text), region.start, region.end, region.openers)
        except ImmovableError as immovable:
            reason = str(immovable)
            continue
        found = True
        is_one_document = "---" not in text[region.start : region.end].removeprefix("---")
        yield ServiceRegion(path, region, assignments, is_one_document)
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
    one_document: bool,
) -> Draft:
    prefix = options.slot.prefix(chart.name)
    replicas = analysis.replicas_origin if guards_replicas else None
    texts = _guarded_templates(chart, prefix, replicas, region, live=options.asks_cluster, test=analysis.replicas_test)
    variables = template_variables(
        chart,
        analysis,
        options,
        guards_service=bool(region),
        guards_replicas=guards_replicas,
        one_document=one_document,
    )
    new_files = {options.slot.canary: files.with_checksum("canary.yaml.j2", variables)}
    if options.api_version != "v1alpha2" or region or guards_replicas or analysis.target_kind or analysis.reads_service:
        new_files[options.slot.helpers] = files.with_checksum("_canary.tpl.j2", variables)
    newline = _newline_of_templates(chart)
    texts |= {path: text.replace("\n", newline) for path, text in new_files.items()}
    encoded = {path: text.encode("utf-8", "surrogateescape") for path, text in texts.items()}
    renders_replicas = analysis.target.kind == "Deployment" and analysis.target.get(("spec", "replicas")) is not None
    is_unguarded = renders_replicas and not guards_replicas and not options.keep_replicas
    note = _REPLICAS_NOTE if options.asks_cluster else _APPLIED_REPLICAS_NOTE
    return Draft(encoded, bool(region), guards_replicas, (note,) if is_unguarded else ())


def _guarded_templates(
    chart: Chart, prefix: str, replicas: Origin | None, region: ServiceRegion | None, *, live: bool, test: str
) -> dict[str, str]:
    """The chart's own templates with the lines around its Service and replicas."""
    texts: dict[str, str] = {}
    shift = 0
    if replicas:
        before = chart.text(replicas.path)
        texts[replicas.path] = wrap_replicas(before, replicas.start, prefix, live=live, test=test)
        if region and region.path == replicas.path:
            shift = len(texts[replicas.path]) - len(before)
    if region:
        start, end = region.lines.start, region.lines.end
        if shift and replicas:
            start += shift if replicas.start < start else 0
            end += shift if replicas.start < end else 0
        text = texts.get(region.path, chart.text(region.path))
        texts[region.path] = wrap_service(text, replace(region.lines, start=start, end=end), prefix, region.assignments)
    return texts


_REPLICAS_NOTE = (
    "chartgen can't put a condition around the chart's replicas: every upgrade scales the target up at once, and Helm 4"
    " rejects the upgrade (conflict on .spec.replicas) unless you add --force-conflicts"
)

_APPLIED_REPLICAS_NOTE = (
    "chartgen can't put a condition around the chart's replicas: what deploys the chart must ignore .spec.replicas of"
    " the target, or scales it up at once with every change"
)


def _newline_of_templates(chart: Chart) -> str:
    """CRLF if the chart's templates use it, so that an editor shows one kind of line ending."""
    texts = [chart.text(path) for path in sorted(chart.files) if path.startswith("templates/")]
    return newline_of("".join(texts))


def values_files(chart: Chart, options: AddCanaryOptions) -> dict[str, bytes]:
    """values.yaml with the `canary:` block, and values.schema.json with its property if the chart has one."""
    from chartgen.edits.json_undo import add_reversible_property
    from chartgen.edits.yaml_undo import add_block

    key = options.slot.key
    block = add_block(chart.files.get("values.yaml"), key, files.values_block(options))
    changed = {"values.yaml": commented(block, options)}
    schema = chart.files.get("values.schema.json")
    if schema is not None:
        changed["values.schema.json"] = add_reversible_property(schema, key, canary_property(options))
    return changed


def obligations(analysis: ChartAnalysis, draft: Draft, options: AddCanaryOptions) -> CanaryObligations:
    """What the proof checks for this draft."""
    return CanaryObligations(
        toggle=(options.slot.key, options.toggle),
        namespaces=options.namespaces,
        variations=analysis.variations,
        surroundings=analysis.surroundings_in,
        port_index=analysis.port_choice.index,
        drops_service=draft.guards_service,
        drops_replicas=draft.guards_replicas and not options.asks_cluster,
        on_by_default=options.enabled,
        api_version=f"flagger.app/{options.api_version}",
        needs_service=bool(analysis.derived_keys),
        companions=tuple(options.companions.values()),
    )
