"""From a chart and the options of add-canary to one complete, proven plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartgen.canary import conflicts, drafts
from chartgen.canary.analysis import ChartAnalysis, analyze
from chartgen.canary.existing import ExistingCanary, existing_canaries, read_back
from chartgen.canary.options import AddCanaryOptions, check
from chartgen.canary.value_edits import edited_values
from chartgen.charts.vendored import with_subcharts_opened
from chartgen.edits.plan import Plan
from chartgen.errors import ProofError, UsageError
from chartgen.helm.request import RenderRequest
from chartgen.manifests.documents import read_values
from chartgen.manifests.manifest import value_at
from chartgen.proof.proof import prove
from chartgen.proof.renderer import Renderer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.canary.drafts import Draft
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine


@dataclass(frozen=True, slots=True)
class PlannedCanary:
    """A proven plan, with the chart's analysis and the number of compared renderings.

    `notes` are lines for the user, the most important first. `was_there`: the Canary is of an earlier run, and
    `was_older` of an older version, whose template held settings that are values now. `switched_on`: whether the
    canary is on by the values.
    """

    plan: Plan
    analysis: ChartAnalysis
    options: AddCanaryOptions
    notes: tuple[str, ...]
    renderings: int
    was_there: bool = False
    was_older: bool = False
    switched_on: bool = True


def plan_canary(engine: Engine, chart: Chart, options: AddCanaryOptions) -> PlannedCanary:
    """The plan that adds the canary to `chart`, proven by Helm; writes nothing, raises ChartgenError if it can't.

    The plan is computed without the canary of an earlier run, so it is empty if the chart already has this canary.
    """
    if chart.packaged:
        raise UsageError(f"{chart.root}: chartgen can't change a packaged chart", hint="unpack it, or use its source")
    stripped = conflicts.without_canary(chart)
    found = existing_canaries(engine, chart, stripped)
    existing = found[0] if found else None
    if existing:
        options = read_back(existing, chart, options)
    check(options)
    original = with_subcharts_opened(stripped)
    renderer = Renderer(engine)
    conflicts.check_conflicts(renderer, chart, stripped, _request(options), options, exists=existing is not None)
    values_files = _values_files(chart, existing, options)
    options = _with_values(engine, original.with_files(values_files), options)
    request = _request(options)
    analysis = analyze(renderer, original, request, options)
    options = _without_needless_flags(options, analysis)
    planned = _first_proven(renderer, chart, original, analysis, options, values_files)
    return replace(planned, was_there=existing is not None, was_older=bool(existing and existing.was_in_template))


def _request(options: AddCanaryOptions) -> RenderRequest:
    return RenderRequest(
        release_name=options.release_name or "release-name",
        namespace=options.namespaces[0] if options.namespaces else "default",
        sources=options.sources,
    )


def _values_files(chart: Chart, existing: ExistingCanary | None, options: AddCanaryOptions) -> dict[str, bytes]:
    """values.yaml, and values.schema.json for a new Canary, with its settings."""
    if existing is None:
        return drafts.values_files(chart, options)
    if "values.yaml" not in chart.files or not existing.block:
        return {}
    return {"values.yaml": edited_values(chart.files["values.yaml"], existing, options)}


def _with_values(engine: Engine, changed: Chart, options: AddCanaryOptions) -> AddCanaryOptions:
    """The options with the namespaces and the switch that a release sees, `-f` and `--set` included."""
    values = read_values(engine, changed, RenderRequest(sources=options.sources))
    namespaces = value_at(values, (options.slot.key, "namespaces"))
    names = tuple(str(name) for name in namespaces) if isinstance(namespaces, list) else ()
    return replace(options, namespaces=names, enabled=bool(value_at(values, (options.slot.key, options.toggle))))


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
    original: Chart,
    analysis: ChartAnalysis,
    options: AddCanaryOptions,
    values_files: Mapping[str, bytes],
) -> PlannedCanary:
    """The plan from the first draft that the proof accepts; raises the ProofError of the first draft otherwise."""
    failure: ProofError | None = None
    for draft in drafts.drafts(original, analysis, options):
        after = {**draft.files, **values_files}
        changed = original.with_files(after)
        _check_reversible(original, changed, draft)
        try:
            count = prove(renderer, original, changed, drafts.obligations(analysis, draft, options))
        except ProofError as error:
            failure = failure or error
            continue
        # Restores the chart's own bytes where an earlier run added lines that this one doesn't add.
        plan = Plan.of(chart.root, chart.files, {**_restored_templates(chart, original), **after})
        return PlannedCanary(plan, analysis, options, draft.notes, count, switched_on=options.enabled)
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
    """The templates with lines of an earlier run, without these lines."""
    return {
        path: data
        for path, data in original.files.items()
        if path.startswith("templates/") and path in chart.files and chart.files[path] != data
    }
