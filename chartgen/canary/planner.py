"""From a chart and the options of add-canary to one complete, proven plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartgen.canary import conflicts, drafts, gateway_change, gateways, hooks, measures
from chartgen.canary.analysis import ChartAnalysis, analyze
from chartgen.canary.builtin_metrics import measuring_metrics
from chartgen.canary.editor_comments import commented
from chartgen.canary.existing import ExistingCanary, existing_canaries, read_back
from chartgen.canary.jobs import CanaryJob, jobs, request_of
from chartgen.canary.option_checks import check
from chartgen.canary.provider_change import with_answerable_metrics
from chartgen.canary.provider_settings import with_routing
from chartgen.canary.value_edits import edited_values
from chartgen.charts.vendored import with_subcharts_opened
from chartgen.edits.plan import Plan
from chartgen.errors import ChartgenError, ConflictError, ProofError, UsageError
from chartgen.helm.request import RenderRequest
from chartgen.manifests.documents import read_values
from chartgen.manifests.manifest import value_at
from chartgen.proof.proof import prove, prove_off
from chartgen.proof.renderer import Renderer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from chartgen.canary.drafts import Draft
    from chartgen.canary.options import AddCanaryOptions
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine


@dataclass(frozen=True, slots=True)
class PlannedCanary:
    """One proven Canary, with the chart's analysis and the number of compared renderings; `root` is the chart's folder.

    `notes` are lines for the user, the most important first. `was_there`: the Canary is of an earlier run, and
    `was_older` of an older version, whose template held settings that are values now. `switched_on`: whether the
    canary is on by the values. `drops_service`, `drops_replicas`: the chart doesn't render its Service, or the target's
    replicas, while the canary is on.
    """

    root: Path
    files: Mapping[str, bytes]
    analysis: ChartAnalysis
    options: AddCanaryOptions
    notes: tuple[str, ...]
    renderings: int
    was_there: bool = False
    was_older: bool = False
    switched_on: bool = True
    drops_service: bool = False
    drops_replicas: bool = False


@dataclass(frozen=True, slots=True)
class CanaryPlan:
    """A proven plan, and the Canaries that the options of the command are for."""

    plan: Plan
    canaries: tuple[PlannedCanary, ...]

    @property
    def renderings(self) -> int:
        return sum(canary.renderings for canary in self.canaries)


def plan_canaries(engine: Engine, chart: Chart, options: AddCanaryOptions) -> CanaryPlan:
    """The plan that adds or updates canaries of `chart`, proven by Helm; writes nothing, raises ChartgenError.

    The plan is computed without the canaries of earlier runs, so it is empty if the chart already has them all. Each
    canary is added to a chart that has those before it, switched off; at last, all are switched off together.
    """
    if chart.packaged:
        raise UsageError(f"{chart.root}: chartgen can't change a packaged chart", hint="unpack it, or use its source")
    stripped = conflicts.without_canary(chart)
    found = existing_canaries(engine, chart, stripped)
    original = with_subcharts_opened(stripped)
    renderer = Renderer(engine)
    check(read_back(found[0], chart, options) if found else options, exists=bool(found))
    wanted = jobs(renderer, with_subcharts_opened(chart), original, found, options)
    planned: list[PlannedCanary] = []
    files: dict[str, bytes] = {}
    problems: list[ChartgenError] = []
    for job in wanted:
        try:
            canary = _planned(renderer, chart, original.with_files(files), original, planned, job)
        except ChartgenError as error:
            problems.append(error)
            continue
        planned.append(canary)
        files |= canary.files
    _raise_all(problems, wanted)
    if planned[1:]:
        everything = {canary.options.slot.key: {canary.options.toggle: False} for canary in planned}
        prove_off(renderer, original, original.with_files(files), request_of(options), everything)
    unused = {path: None for path in chart.files if path not in stripped.files}
    plan = Plan.of(chart.root, chart.files, {**unused, **_restored_templates(chart, original), **files})
    asked = {job.options.slot for job in wanted if job.asked}
    return CanaryPlan(plan, tuple(canary for canary in planned if canary.options.slot in asked))


def _raise_all(problems: list[ChartgenError], wanted: list[CanaryJob]) -> None:
    """Raise the only problem as it is, or several as a list."""
    if len(problems) == 1 and len(wanted) == 1:
        raise problems[0]
    if problems:
        lines = [line for error in problems for line in getattr(error, "conflicts", [error.message])]
        hints = dict.fromkeys(error.hint for error in problems if error.hint)
        raise ConflictError(
            list(dict.fromkeys(lines)),
            hint="; ".join(hints) + ". Or name the other targets with --target",
            heading="problems prevent adding the canaries",
        )


def _planned(
    renderer: Renderer, chart: Chart, current: Chart, original: Chart, before: list[PlannedCanary], job: CanaryJob
) -> PlannedCanary:
    """One Canary on top of those planned `before`, which `current` has; `original` has none."""
    options, existing = job.options, job.existing
    check(options, exists=existing is not None)
    block = existing.block if existing else None
    options = hooks.with_needed_check(hooks.with_needed_load(options, block), block)
    off = {canary.options.slot.key: {canary.options.toggle: False} for canary in before}
    request = request_of(options).over(off)
    conflicts.check_conflicts(renderer, chart, current, request, options, exists=existing is not None)
    values_files = _values_files(chart, current, existing, options)
    options = _with_values(renderer.engine, current.with_files(values_files), options, exists=existing is not None)
    request = request_of(options).over(off)
    analysis = analyze(renderer, current, request, options)
    _require_own_service(analysis, before)
    gateways.require_none(analysis, options, request.namespace)
    options = replace(_without_needless_flags(options, analysis), metrics=measuring_metrics(analysis, options))
    notes = tuple(gateway_change.notes(existing.block, options)) if existing else ()
    if existing is None:
        values_files = drafts.values_files(current, options)
    elif "values.yaml" in values_files:
        values, of_metrics = with_answerable_metrics(renderer.engine, values_files["values.yaml"], existing, options)
        values_files, notes = {**values_files, "values.yaml": values}, (*notes, *of_metrics)
    planned = _first_proven(renderer, chart, current, original, analysis, options, values_files)
    was_older = bool(existing and existing.was_in_template)
    return replace(planned, notes=(*notes, *planned.notes), was_there=existing is not None, was_older=was_older)


def _require_own_service(analysis: ChartAnalysis, before: list[PlannedCanary]) -> None:
    service = analysis.surroundings.service
    for canary in before:
        other = canary.analysis.surroundings.service
        if service and other and (service.name, service.template) == (other.name, other.template):
            selected = f"selects the pods of {analysis.target.name} and of {canary.analysis.target.name}"
            raise ConflictError(
                [f"{service.template}: Service {service.name} {selected}, and two Canaries can't serve it"],
                hint="nothing was written; give each workload a Service of its own, or leave one of them out",
            )


def _values_files(
    chart: Chart, current: Chart, existing: ExistingCanary | None, options: AddCanaryOptions
) -> dict[str, bytes]:
    """values.yaml, and values.schema.json for a new Canary, with its settings."""
    if existing is None:
        return drafts.values_files(current, options)
    if "values.yaml" not in chart.files or not existing.block:
        return {}
    return {"values.yaml": commented(edited_values(current.files["values.yaml"], existing, options), options)}


def _with_values(engine: Engine, changed: Chart, options: AddCanaryOptions, *, exists: bool) -> AddCanaryOptions:
    """The options with the settings that a release sees, `-f` and `--set` included; hosts and gateways if it `exists`.

    A new Canary's block is written from these.
    """
    values = read_values(engine, changed, RenderRequest(sources=options.sources))
    namespaces = value_at(values, (options.slot.key, "namespaces"))
    names = tuple(str(name) for name in namespaces) if isinstance(namespaces, list) else ()
    block = value_at(values, (options.slot.key,))
    seen = replace(
        options,
        namespaces=names,
        enabled=bool(value_at(values, (options.slot.key, options.toggle))),
        fills_in=measures.PLACEHOLDER in str(value_at(values, (options.slot.key, "canaryAnalysis"))),
        companions={
            key: kind for key, kind in measures.OBJECT_KINDS.items() if isinstance(block, dict) and block.get(key)
        },
    )
    return with_routing(seen, value_at(block, ("service",))) if exists else seen


def _without_needless_flags(options: AddCanaryOptions, analysis: ChartAnalysis) -> AddCanaryOptions:
    """The options without flags read back for something that the chart doesn't have."""
    keep_service = options.keep_service and (
        "--keep-service" in options.given or analysis.surroundings.service is not None
    )
    keep_replicas = options.keep_replicas and (
        "--keep-replicas" in options.given or analysis.replicas_origin is not None
    )
    return replace(options, keep_service=keep_service, keep_replicas=keep_replicas)


def _first_proven(
    renderer: Renderer,
    chart: Chart,
    current: Chart,
    original: Chart,
    analysis: ChartAnalysis,
    options: AddCanaryOptions,
    values_files: Mapping[str, bytes],
) -> PlannedCanary:
    """The Canary of the first draft that the proof accepts; raises the ProofError of the first draft otherwise."""
    failure: ProofError | None = None
    for draft in drafts.drafts(current, analysis, options):
        after = {**draft.files, **values_files}
        changed = current.with_files(after)
        _check_reversible(original, changed, draft)
        try:
            obligations = drafts.obligations(analysis, draft, options)
            count = prove(renderer, current, changed, obligations)
        except ProofError as error:
            failure = failure or error
            continue
        return PlannedCanary(
            chart.root,
            after,
            analysis,
            options,
            draft.notes,
            count,
            switched_on=options.enabled,
            drops_service=obligations.drops_service,
            drops_replicas=obligations.drops_replicas,
        )
    assert failure is not None, "there is always one draft"
    raise failure


def _check_reversible(original: Chart, changed: Chart, draft: Draft) -> None:
    """Removing the canary from the changed templates must restore the chart's own bytes, or a later run can't."""
    restored = conflicts.without_canary(changed)
    for path in draft.files:
        if path in original.files and restored.files.get(path) != original.files[path]:
            raise ProofError(
                f"{path}: chartgen couldn't tell the lines it adds from the chart's own",
                hint="nothing was written; try --keep-service or --keep-replicas",
            )


def _restored_templates(chart: Chart, original: Chart) -> dict[str, bytes]:
    """The templates with lines of an earlier run, without these lines: this run may not add them all again."""
    return {
        path: data
        for path, data in original.files.items()
        if path.startswith("templates/") and path in chart.files and chart.files[path] != data
    }
