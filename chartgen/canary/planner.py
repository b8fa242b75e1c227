"""From a chart and the options of add-canary to one complete, proven plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartgen.canary import conflicts, drafts
from chartgen.canary.analysis import ChartAnalysis, analyze
from chartgen.canary.kept_values import canary_values, unapplied_options
from chartgen.canary.options import AddCanaryOptions, check
from chartgen.charts.vendored import with_subcharts_opened
from chartgen.edits.plan import Plan
from chartgen.errors import ProofError
from chartgen.helm.request import RenderRequest
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

    `notes` are lines for the user, the most important first. `unapplied` has a line for each option that an existing
    `canary` block in values.yaml overrides; `switched_on`: whether the canary is on by the values.
    """

    plan: Plan
    analysis: ChartAnalysis
    options: AddCanaryOptions
    notes: tuple[str, ...]
    renderings: int
    unapplied: tuple[str, ...] = ()
    switched_on: bool = True


def plan_canary(engine: Engine, chart: Chart, options: AddCanaryOptions) -> PlannedCanary:
    """The plan that adds the canary to `chart`, proven by Helm; writes nothing, raises ChartgenError if it can't.

    The plan is computed without the canary of an earlier run, so it is empty if the chart already has this canary.
    """
    check(options)
    stripped = conflicts.without_canary(chart)
    original = with_subcharts_opened(stripped)
    renderer = Renderer(engine)
    request = RenderRequest(
        release_name=options.release_name or "release-name",
        namespace=options.namespaces[0] if options.namespaces else "default",
        sources=options.sources,
    )
    conflicts.check_conflicts(renderer, chart, stripped, request, options)
    analysis = analyze(renderer, original, request, options)
    if stripped is chart:
        return _first_proven(renderer, chart, original, analysis, options, drafts.values_files(chart, options))
    existing = canary_values(engine, chart)
    return replace(
        _first_proven(renderer, chart, original, analysis, options, {}),
        unapplied=tuple(unapplied_options(engine, existing, options)),
        switched_on=bool(existing.get(options.toggle)),
    )


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
        return PlannedCanary(plan, analysis, options, draft.notes, count)
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
