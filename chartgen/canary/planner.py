"""From a chart and the user's wishes to one complete, proven plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.canary import conflicts, drafts
from chartgen.canary.analysis import Study, study
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

_NOTHING = "nothing was written"


@dataclass(frozen=True, slots=True)
class PlannedCanary:
    """A proven plan, with what was learnt on the way. `notes` are lines for the user, most important first."""

    plan: Plan
    study: Study
    options: AddCanaryOptions
    notes: tuple[str, ...]
    renderings: int


def plan_canary(engine: Engine, chart: Chart, options: AddCanaryOptions) -> PlannedCanary:
    """The plan that adds the canary to `chart`, proven by Helm; ChartgenError where it cannot be, nothing written.

    A chart that has the canary already gives an empty plan: what chartgen added before is taken out in memory first.
    """
    check(options)
    stripped = conflicts.without_ours(chart)
    original = with_subcharts_opened(stripped)
    renderer = Renderer(engine)
    request = RenderRequest(
        release_name=options.release_name or "release-name",
        namespace=options.namespaces[0] if options.namespaces else "default",
        sources=options.sources,
    )
    conflicts.check_all(renderer, chart, stripped, request, options)
    facts = study(renderer, original, request, options)
    settings = drafts.settings(chart, options) if stripped is chart else {}
    return _first_that_holds(renderer, chart, original, facts, options, settings)


def _first_that_holds(
    renderer: Renderer,
    chart: Chart,
    original: Chart,
    facts: Study,
    options: AddCanaryOptions,
    settings: Mapping[str, bytes],
) -> PlannedCanary:
    """Try the ways to write it in order, until the proof holds."""
    failure: ProofError | None = None
    for draft in drafts.drafts(original, facts, options):
        after = {**draft.files, **settings}
        changed = original.with_files(after)
        _check_reversible(original, changed, draft)
        try:
            count = prove(renderer, original, changed, drafts.promise(facts, draft, options))
        except ProofError as error:
            failure = failure or error
            continue
        # What an earlier run added and this one does not want goes back to the chart's own bytes.
        plan = Plan.of(chart.root, chart.files, {**_own_templates(chart, original), **after})
        return PlannedCanary(plan, facts, options, draft.notes, count)
    assert failure is not None, "there is always one draft"
    raise failure


def _check_reversible(original: Chart, changed: Chart, draft: Draft) -> None:
    """A second run must find what this one adds, all of it, and plan nothing; it takes it out by the same rule."""
    again = conflicts.without_ours(changed)
    for path in draft.files:
        if path in original.files and again.files.get(path) != original.files[path]:
            raise ProofError(f"{path}: the lines put in could not be told from the chart's own", hint=_NOTHING)


def _own_templates(chart: Chart, original: Chart) -> dict[str, bytes]:
    """The templates that hold lines of an earlier run, without them."""
    return {
        path: data
        for path, data in original.files.items()
        if path.startswith("templates/") and path in chart.files and chart.files[path] != data
    }
