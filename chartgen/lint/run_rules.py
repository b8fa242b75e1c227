"""Every rule over every release of one chart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from chartgen.errors import LimitExceeded
from chartgen.lint.finding import Finding
from chartgen.lint.locate import Locator
from chartgen.rules.chart.chart_does_not_render import ChartDoesNotRender
from chartgen.rules.chart.chart_exceeds_limits import ChartExceedsLimits
from chartgen.rules.chart.internal_error import InternalError as InternalErrorRule
from chartgen.rules.rule import ChartRule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chartgen.errors import ChartError, HelmError, InputError, InternalError
    from chartgen.helm.engine import Engine
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.releases import Releases
    from chartgen.rules.rule import Problem, Rule


class Found(NamedTuple):
    """One problem and the rule that reports it; a rule of the chart as a whole looks at no document."""

    rule: Rule
    problem: Problem
    rendering: Rendering | None = None
    manifest: Manifest | None = None


def problems_of(releases: Releases, rules: tuple[Rule, ...]) -> Iterator[Found]:
    """What the rules report of one chart's releases. Charts without a Canary are only rendered."""
    for rule in rules:
        if isinstance(rule, ChartRule):
            for problem in rule.check_chart(releases):
                yield Found(rule, problem)
        elif releases.has_canary or not releases.chart.files:
            for rendering in releases.checked_renderings:
                for manifest in rendering.of_kind(*rule.kinds):
                    for problem in rule.check(manifest, rendering):
                        yield Found(rule, problem, rendering, manifest)


def findings_of(engine: Engine, releases: Releases, rules: tuple[Rule, ...]) -> Iterator[Finding]:
    """What the rules find in one chart's releases. Charts without a Canary are only rendered.

    Rules ask Helm too: the first one that makes the chart exceed a limit is the last one that runs.
    """
    placer = Locator(engine, releases.chart)
    try:
        yield from _findings(placer, releases, rules)
    except LimitExceeded as error:
        exceeded = replace(releases, exceeded=error)
        for rule in rules:
            if isinstance(rule, ChartExceedsLimits):
                yield from (_chart_finding(placer, rule, problem, exceeded) for problem in rule.check_chart(exceeded))


def _findings(placer: Locator, releases: Releases, rules: tuple[Rule, ...]) -> Iterator[Finding]:
    for rule, problem, rendering, manifest in problems_of(releases, rules):
        if rendering is None:
            yield _chart_finding(placer, rule, problem, releases)
        else:
            yield placer.finding(rule, problem, rendering, manifest)


def _chart_finding(placer: Locator, rule: Rule, problem: Problem, releases: Releases) -> Finding:
    renderings = releases.renderings
    labelled = next((one for one in renderings if one.label in problem.releases), None)
    holding = next((one for one in renderings if any(m is problem.manifest for m in one.manifests)), None)
    return placer.finding(rule, problem, holding or labelled or next(iter(renderings), None), problem.manifest)


def unreadable(path: Path, error: ChartError | HelmError | InputError) -> Finding:
    """The finding for a chart that cannot even be loaded."""
    file = f"{path.as_posix()}/Chart.yaml" if path.is_dir() else path.as_posix()
    rule = ChartExceedsLimits() if isinstance(error, LimitExceeded) else ChartDoesNotRender()
    return Finding(rule.id, rule.severity, error.message, file, 1, 1, 1, 1, path.name, exact=False)


def failed(path: Path, error: InternalError) -> Finding:
    """The finding for a chart on which chartgen itself failed."""
    return Finding(
        InternalErrorRule.id,
        InternalErrorRule.severity,
        error.message,
        path.as_posix(),
        1,
        1,
        1,
        1,
        path.name,
        exact=False,
    )
