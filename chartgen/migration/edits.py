"""The edits of a migration: the fixes of the rules about removed versions, fields and names, each proven by Helm."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.config.selection import selected
from chartgen.errors import ProofError, RenderError
from chartgen.helm.request import merged
from chartgen.lint.fixing.editable_source import EditableChart
from chartgen.lint.fixing.prove_fix import CheckedSource, prove_fix
from chartgen.lint.matrix import render_matrix
from chartgen.lint.proven_fix import RequestedFix
from chartgen.manifests.manifest import value_at
from chartgen.manifests.rendering import render
from chartgen.manifests.switches.kinds import kind_lines
from chartgen.manifests.switches.switch import find_switch
from chartgen.manifests.tracing.provenance import path_in_chart
from chartgen.proof.variations import overlay_of, value_routes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.lint.fixing.prove_fix import ReportedProblem
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.releases import Releases

# In the order of the edits: a metric needs its current name before its threshold becomes a range.
RULES = (
    "api-version-not-served",
    "canary-analysis-field-renamed",
    "custom-metric-without-source",
    "metric-threshold-deprecated",
    "autoscaler-ref-legacy-version",
    "autoscaling-api-removed",
)
_UNKNOWN_METRIC = "custom-metric-without-source"
_SCALER = "HorizontalPodAutoscaler"
_MOST_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class MigratedSource:
    """A chart with its edits in memory: those that were `made`, and the problems that remain.

    The first `usual` renderings are those of real values; the others set values only to show every line.
    """

    before: Releases
    usual: int
    after: EditableChart
    made: tuple[Made, ...]
    left: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """One edit: what it does (`write flagger.app/v1beta1`) to which object."""

    title: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Left:
    """A problem without an edit: in which object of which template, at which field, and why."""

    rule: str
    template: str
    kind: str
    name: str
    field: str
    why: str

    @property
    def prevents(self) -> bool:
        """Whether the API server rejects the Canary with it, or its analysis fails."""
        return self.kind != _SCALER and self.rule in RULES[:3]

    @property
    def text(self) -> str:
        """The problem in one line."""
        return f"{self.template}: {self.kind} {self.name}, {self.field}: {self.why}"


def releases_of(engine: Engine, chart: Chart, base: RenderRequest) -> tuple[Releases, int]:
    """What lint renders (the number of these), and then releases with an autoscaler that is off by default."""
    releases = render_matrix(engine, chart, base)
    extra = []
    for rendering in releases.renderings:
        if not any(rendering.of_kind("Canary")) or any(rendering.of_kind(_SCALER)):
            continue
        switch = find_switch(engine, chart, rendering.request, _SCALER)
        if switch.on is not None:
            request = switch.on.applied(rendering.request)
            label = f"{rendering.label}, with its autoscaler"
            extra.append(replace(render(engine, chart, request, label), switched=True, gated=rendering.gated))
        break
    extra += _with_every_metric(engine, chart, (*releases.renderings, *extra))
    return releases._replace(renderings=(*releases.renderings, *extra)), len(releases.renderings)


def _with_every_metric(engine: Engine, chart: Chart, renderings: tuple[Rendering, ...]) -> Iterator[Rendering]:
    """The first release with an autoscaler, with the values set that the conditions below it read, all and each."""
    first = next((each for each in renderings if any(each.of_kind(_SCALER))), None)
    if first is None:
        return
    overlays = [
        overlay_of(route, 1)
        for path, template, offset in kind_lines(chart, _SCALER)
        for route in value_routes(block.opener.expression for block in template.blocks if block.opener.start > offset)
        if not path.startswith("charts/") and template.text[offset] == "k" and not value_at(first.values, route)
    ]
    for overlay in (_together(overlays), *overlays) if overlays else ():
        label = f"{first.label}, with {json.dumps(overlay)}"
        with suppress(RenderError):
            yield replace(render(engine, chart, first.request.over(overlay), label), switched=first.switched)


def _together(overlays: list[dict[str, Any]]) -> dict[str, Any]:
    every: dict[str, Any] = {}
    for overlay in overlays:
        every = merged(every, overlay)
    return every


def migrate_source(engine: Engine, releases: Releases, usual: int) -> MigratedSource:
    """All edits, each proven on the result of those before it."""
    checked = CheckedSource.of(EditableChart.of(engine, releases), selected(RULES))
    made: list[Made] = []
    refused: dict[tuple[str, str, tuple[str, int], tuple[str | int, ...]], str] = {}
    for _ in range(_MOST_ROUNDS):
        problem = next((each for each in _ordered(checked) if _identity(each) not in refused), None)
        if problem is None:
            break
        if problem.fix is None:
            refused[_identity(problem)] = "no edit is known for it"
            continue
        requested = RequestedFix(problem.rule, problem.fix, problem.label, problem.key, problem.at)
        kind, name = _object_of(checked.source.releases, problem)
        try:
            checked = prove_fix(checked, requested)
        except ProofError as error:
            refused[_identity(problem)] = error.message
            continue
        made.append(Made(problem.fix.title, kind, name))
    assert isinstance(checked.source, EditableChart)
    left = tuple(dict.fromkeys(_left(checked, refused)))
    return MigratedSource(releases, usual, checked.source, tuple(made), left)


def _ordered(checked: CheckedSource) -> Iterator[ReportedProblem]:
    """The problems to solve. A metric that never had a source is lint's to report."""
    known = (problem for problem in checked.problems if problem.fix or problem.rule != _UNKNOWN_METRIC)
    yield from sorted(known, key=lambda problem: (RULES.index(problem.rule), -_size(problem)))


def _size(problem: ReportedProblem) -> int:
    """The number of changes: the release with the most metrics shows all edits of a template."""
    return len(problem.fix.changes) if problem.fix else 0


def _identity(problem: ReportedProblem) -> tuple[str, str, tuple[str, int], tuple[str | int, ...]]:
    return problem.rule, problem.label, problem.key, problem.at


def _object_of(releases: Releases, problem: ReportedProblem) -> tuple[str, str]:
    for rendering in releases.renderings:
        for manifest in rendering.manifests:
            if rendering.label == problem.label and (manifest.template, manifest.document) == problem.key:
                return manifest.kind, manifest.name
    return "object", problem.key[0]


def _left(
    checked: CheckedSource, refused: dict[tuple[str, str, tuple[str, int], tuple[str | int, ...]], str]
) -> Iterator[Left]:
    for problem in _ordered(checked):
        kind, name = _object_of(checked.source.releases, problem)
        why = refused.get(_identity(problem), "it needs more edits than chartgen makes")
        path = path_in_chart(checked.source.releases.chart, problem.key[0])
        yield Left(problem.rule, path, kind, name, ".".join(map(str, problem.at)), why)
