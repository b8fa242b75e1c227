"""Run every rule over every release of one chart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from chartgen.errors import ChartError, LimitExceeded
from chartgen.lint.finding import Finding
from chartgen.lint.locate import Locator
from chartgen.rules.chart.chart_does_not_render import ChartDoesNotRender
from chartgen.rules.chart.chart_exceeds_limits import ChartExceedsLimits
from chartgen.rules.chart.internal_error import InternalError as InternalErrorRule
from chartgen.rules.rule import ChartRule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chartgen.errors import HelmError, InputError, InternalError
    from chartgen.helm.engine import Engine
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.releases import Releases
    from chartgen.rules.rule import Problem, Rule


class FoundProblem(NamedTuple):
    """One problem and the rule that reports it; a rule for the whole chart has no rendering and no manifest."""

    rule: Rule
    problem: Problem
    rendering: Rendering | None = None
    manifest: Manifest | None = None


def run_rules(releases: Releases, rules: tuple[Rule, ...]) -> Iterator[FoundProblem]:
    """The problems that the rules report for one chart's releases. Charts without a Canary are only rendered."""
    for rule in rules:
        if isinstance(rule, ChartRule):
            for problem in rule.check_chart(releases):
                yield FoundProblem(rule, problem)
        elif releases.has_canary or not releases.chart.files:
            for rendering in releases.checked_renderings:
                for manifest in rendering.of_kind(*rule.kinds):
                    for problem in rule.check(manifest, rendering):
                        yield FoundProblem(rule, problem, rendering, manifest)


def report_findings(engine: Engine, releases: Releases, rules: tuple[Rule, ...]) -> Iterator[Finding]:
    """The findings for one chart's releases. Charts without a Canary are only rendered.

    Rules call Helm too: no rule runs after one that makes the chart exceed a limit.
    """
    locator = Locator(engine, releases.chart)
    try:
        yield from _findings(locator, releases, rules)
    except LimitExceeded as error:
        exceeded = replace(releases, exceeded=error)
        for rule in rules:
            if isinstance(rule, ChartExceedsLimits):
                yield from (_chart_finding(locator, rule, problem, exceeded) for problem in rule.check_chart(exceeded))


def _findings(locator: Locator, releases: Releases, rules: tuple[Rule, ...]) -> Iterator[Finding]:
    for rule, problem, rendering, manifest in run_rules(releases, rules):
        if rendering is None:
            yield _chart_finding(locator, rule, problem, releases)
        else:
            yield locator.finding(rule, problem, rendering, manifest)


def _chart_finding(locator: Locator, rule: Rule, problem: Problem, releases: Releases) -> Finding:
    renderings = releases.renderings
    named = next((rendering for rendering in renderings if rendering.label in problem.releases), None)
    containing = next((each for each in renderings if any(m is problem.manifest for m in each.manifests)), None)
    return locator.finding(rule, problem, containing or named or next(iter(renderings), None), problem.manifest)


def unreadable_finding(path: Path, error: ChartError | HelmError | InputError) -> Finding:
    """The finding for a chart that can't be loaded."""
    file = f"{path.as_posix()}/Chart.yaml" if path.is_dir() else path.as_posix()
    rule = ChartExceedsLimits() if isinstance(error, LimitExceeded) else ChartDoesNotRender()
    found = (error.line, error.column) if isinstance(error, ChartError) else (None, None)
    line, column = found[0] or 1, found[1] or 1
    message = error.message.removeprefix(f"{file}:{line}:{column}: ").removeprefix(f"{file}: ")
    return Finding(
        rule.id, rule.severity, message, file, line, column, line, column, path.name, exact=found[0] is not None
    )


def internal_error_finding(path: Path, error: InternalError) -> Finding:
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
