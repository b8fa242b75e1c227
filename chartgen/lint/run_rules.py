"""Run every rule over every release of one chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from chartgen.errors import ChartError, LimitExceeded
from chartgen.lint.finding import Finding
from chartgen.lint.locate import Locator
from chartgen.lint.relevance import by_kind, can_report, manifests_in, reads
from chartgen.rules.rule import ChartRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from chartgen.errors import HelmError, InputError, InternalError
    from chartgen.helm.engine import Engine
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.cluster import Cluster
    from chartgen.rules.releases import Releases
    from chartgen.rules.rule import Problem, Rule

    class Loadable(Protocol):
        """A rule, or one that is still to be imported."""

        @property
        def id(self) -> str: ...

        @property
        def kinds(self) -> tuple[str, ...]: ...

        @property
        def cluster(self) -> Cluster | None: ...

        def loaded(self) -> Rule: ...


class FoundProblem(NamedTuple):
    """One problem and the rule that reports it; a rule for the whole chart has no rendering and no manifest."""

    rule: Rule
    problem: Problem
    rendering: Rendering | None = None
    manifest: Manifest | None = None


def run_rules(releases: Releases, rules: Iterable[Loadable]) -> Iterator[FoundProblem]:
    """The problems that the rules report for one chart's releases. Charts without a Canary are only rendered.

    A rule that can't report anything isn't loaded: the registry says what each one looks at.
    """
    checks_objects = releases.has_canary or not releases.chart.files
    rendered = [(rendering, by_kind(rendering)) for rendering in releases.checked_renderings] if checks_objects else []
    for selected in rules:
        if not can_report(selected.id, selected.cluster, releases):
            continue
        rule: Rule | None = selected.loaded() if not selected.kinds else None
        if isinstance(rule, ChartRule):
            for problem in rule.check_chart(releases):
                yield FoundProblem(rule, problem)
            continue
        for rendering, kinds in rendered:
            for manifest in manifests_in(kinds, selected.kinds):
                if not reads(selected.id, manifest):
                    continue
                rule = rule or selected.loaded()
                for problem in rule.check(manifest, rendering):
                    yield FoundProblem(rule, problem, rendering, manifest)


def report_findings(engine: Engine, releases: Releases, rules: tuple[Loadable, ...]) -> Iterator[Finding]:
    """The findings for one chart's releases. Charts without a Canary are only rendered.

    Rules call Helm too: no rule runs after one that makes the chart exceed a limit.
    """
    locator = Locator(engine, releases.chart)
    try:
        yield from _findings(locator, releases, rules)
    except LimitExceeded as error:
        exceeded = releases._replace(exceeded=error)
        for rule in (selected.loaded() for selected in rules if selected.id == "chart-exceeds-limits"):
            assert isinstance(rule, ChartRule)
            yield from (_chart_finding(locator, rule, problem, exceeded) for problem in rule.check_chart(exceeded))


def _findings(locator: Locator, releases: Releases, rules: tuple[Loadable, ...]) -> Iterator[Finding]:
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
    from chartgen.rules.chart.chart_does_not_render import ChartDoesNotRender
    from chartgen.rules.chart.chart_exceeds_limits import ChartExceedsLimits

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
    from chartgen.rules.chart.internal_error import InternalError as InternalErrorRule

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
