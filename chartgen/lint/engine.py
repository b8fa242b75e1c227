"""Run the rules over charts: each chart in all its releases, an error in one never stopping the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.charts.discover import discover
from chartgen.charts.load import load_chart
from chartgen.charts.vendored import with_subcharts_opened
from chartgen.errors import ChartError, HelmError, UsageError
from chartgen.helm.request import RenderRequest
from chartgen.lint.finding import CheckedChart, Collected, Finding, LintResult
from chartgen.lint.matrix import look_at
from chartgen.lint.placing import Placer
from chartgen.lint.plain import is_plain, plain_releases, read_plain
from chartgen.lint.selection import selected
from chartgen.rules.chart_does_not_render import ChartDoesNotRender
from chartgen.rules.cluster import Cluster
from chartgen.rules.rule import ChartRule, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chartgen.helm.engine import Engine
    from chartgen.rules.releases import Releases
    from chartgen.rules.rule import Problem


@dataclass(frozen=True, slots=True)
class LintRequest:
    """What to lint and how. `namespaces` are those a Canary may stand in, and the first the one rendered in."""

    base: RenderRequest = field(default_factory=RenderRequest)
    namespaces: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    cluster: Cluster = field(default_factory=Cluster)


def lint_paths(engine: Engine, paths: Iterable[Path], request: LintRequest) -> LintResult:
    """Lint every chart the paths mean; UsageError for a path that holds none."""
    rules = selected(request.select, request.ignore, request.cluster)
    found = discover(paths)
    collected = Collected()
    checked: list[CheckedChart] = []
    for path in found.charts:
        for finding in _chart_at(engine, path, request, rules, checked):
            collected.add(finding)
    plain = [path for path in found.outside if is_plain(path)]
    for path in plain:
        for finding in _plain(engine, read_plain(path), path.as_posix(), request, rules, checked):
            collected.add(finding)
    notes = tuple(f"{path}: belongs to no chart, skipped" for path in found.outside if path not in plain)
    return LintResult(collected.sorted(), tuple(checked), notes)


def lint_text(engine: Engine, text: str, name: str, request: LintRequest) -> LintResult:
    """Lint rendered manifests, as `chartgen lint -` reads them; `name` is what findings call the text."""
    rules = selected(request.select, request.ignore, request.cluster)
    if not text.strip():
        raise UsageError(f"{name}: there is nothing to lint", hint="pipe rendered manifests into it")
    collected = Collected()
    checked: list[CheckedChart] = []
    for finding in _plain(engine, text, name, request, rules, checked):
        collected.add(finding)
    return LintResult(collected.sorted(), tuple(checked))


def _plain(
    engine: Engine, text: str, name: str, request: LintRequest, rules: tuple[Rule, ...], checked: list[CheckedChart]
) -> Iterator[Finding]:
    try:
        releases = plain_releases(engine, text, name, (request.namespaces or (request.base.namespace,))[0])
    except ChartError as error:
        checked.append(CheckedChart(name, name, has_canary=False, renderings=0))
        yield unreadable(Path(name), error)
        return
    checked.append(CheckedChart(name, releases.chart.name, releases.has_canary, 1))
    yield from findings_of(engine, releases, rules)


def _chart_at(
    engine: Engine, path: Path, request: LintRequest, rules: tuple[Rule, ...], checked: list[CheckedChart]
) -> Iterator[Finding]:
    try:
        chart = with_subcharts_opened(load_chart(path))
        releases = look_at(engine, chart, request.base, request.namespaces)
    except UsageError:
        raise  # -f or --set that cannot be read is wrong for every chart
    except (ChartError, HelmError) as error:
        checked.append(CheckedChart(path.as_posix(), path.name, has_canary=False, renderings=0))
        yield unreadable(path, error)
        return
    checked.append(CheckedChart(path.as_posix(), chart.name, releases.has_canary, len(releases.renderings)))
    if chart.library:
        return
    yield from findings_of(engine, releases, rules)


def findings_of(engine: Engine, releases: Releases, rules: tuple[Rule, ...]) -> Iterator[Finding]:
    """What the rules find in one chart's releases. Charts without a Canary are only rendered."""
    placer = Placer(engine, releases.chart)
    for rule in rules:
        if isinstance(rule, ChartRule):
            for problem in rule.check_chart(releases):
                yield _chart_finding(placer, rule, problem, releases)
        elif releases.has_canary or not releases.chart.files:
            for rendering in releases.at_home:
                for manifest in rendering.of_kind(*rule.kinds):
                    for problem in rule.check(manifest, rendering):
                        yield placer.finding(rule, problem, rendering, manifest)


def _chart_finding(placer: Placer, rule: Rule, problem: Problem, releases: Releases) -> Finding:
    renderings = releases.renderings
    labelled = next((one for one in renderings if one.label in problem.releases), None)
    holding = next((one for one in renderings if any(m is problem.manifest for m in one.manifests)), None)
    return placer.finding(rule, problem, holding or labelled or next(iter(renderings), None), problem.manifest)


def unreadable(path: Path, error: ChartError | HelmError) -> Finding:
    """The finding for a chart that cannot even be loaded."""
    file = f"{path.as_posix()}/Chart.yaml" if path.is_dir() else path.as_posix()
    rule = ChartDoesNotRender()
    return Finding(rule.id, rule.severity, error.message, file, 1, 1, 1, 1, path.name, exact=False)
