"""The linter over a chart as a plan would leave it, in memory, before anything is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.charts.vendored import with_subcharts_opened
from chartgen.config.selection import rules_named
from chartgen.errors import ConflictError
from chartgen.helm.request import RenderRequest
from chartgen.lint.matrix import render_matrix
from chartgen.lint.mentions import may_render_flagger
from chartgen.lint.prepare import Prepared
from chartgen.lint.relevance import needs_canary
from chartgen.lint.request import ChartSettings, LintRequest
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from chartgen.charts.chart import Chart
    from chartgen.edits.plan import Plan
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import ValueSources
    from chartgen.lint.finding import Finding

# More of them are counted.
_MOST = 12
# Errors that concern other callers or other changes of the chart, not whether the canary works: they are only reported.
_REPORTED = frozenset({
    "other-service-selects-target-label", "extra-service-ports-lost", "target-port-not-a-container-port",
    "kubernetes-api-removed", "autoscaling-api-removed", "volatile-pod-template", "rotated-secret-tracked",
    "configmap-binary-data", "istio-injection-missing",
})  # fmt: skip


def added_findings(
    engine: Engine, chart: Chart, after: Chart, path: Path, sources: ValueSources
) -> tuple[Finding, ...]:
    """The findings of `after` that `chart` doesn't have; `path` is the chart's folder as given on the command line."""
    request = LintRequest(base=replace(RenderRequest(), sources=sources))
    settings = ChartSettings.of(request, request.config_at(path))
    found = _findings(engine, after, path, request.base, settings)
    may_have_canary = may_render_flagger(chart, (request.base, *settings.release_requests))
    if not may_have_canary and all(needs_canary(finding.rule) for finding in found):
        return found  # the chart had no Canary to report anything about
    known = {
        (finding.rule, finding.message, finding.object)
        for finding in _findings(engine, chart, path, request.base, settings)
    }
    return tuple(finding for finding in found if (finding.rule, finding.message, finding.object) not in known)


def with_changes(chart: Chart, plan: Plan) -> Chart:
    """The chart with all changes of the plan, in memory."""
    changed = {change.path: change.after for change in plan.changes}
    files = {path: data for path, data in {**chart.files, **changed}.items() if data is not None}
    return replace(chart, files=files)


def refuse_errors(
    findings: tuple[Finding, ...], accepted: tuple[str, ...], ways_on: Mapping[str, Iterable[str]]
) -> None:
    """Raise ConflictError for the errors among the findings, except those of accepted rules; UsageError for no rule.

    `ways_on` are hints by the rule whose error they answer.
    """
    allowed = rules_named(accepted) | _REPORTED
    errors = [
        finding
        for finding in findings
        if finding.severity is Severity.ERROR and finding.rule not in allowed and not _is_of_the_target(finding)
    ]
    if errors:
        broken = dict.fromkeys(finding.rule for finding in errors)
        rules = " ".join(f"--accept {rule}" for rule in broken)
        ways = "".join(f"{way}. Or " for rule in broken for way in ways_on.get(rule, ()))
        raise ConflictError(
            [f"{finding.path}:{finding.line}: {finding.rule}: {finding.message}" for finding in errors],
            hint=f"nothing was written; {ways}correct the chart (chartgen explain {errors[0].rule}), or add {rules}",
            heading="problems would make the canary harmful",
        )


def _is_of_the_target(finding: Finding) -> bool:
    """Whether the API server rejects the target, too: add-canary gives the Canary its name."""
    return finding.rule == "canary-refused" and finding.manifest_path == "/metadata/name"


def finding_lines(findings: tuple[Finding, ...], path: Path) -> list[str]:
    """The findings for people, the worst first, a line each; no error is left out, so that `lint` surprises nobody."""
    ranked = sorted(findings, key=lambda finding: (finding.severity.rank, finding.order))
    errors = sum(finding.severity is Severity.ERROR for finding in ranked)
    lines = [
        f"  {finding.path}:{finding.line}: {finding.severity.value}[{finding.rule}] {finding.message}"
        for finding in ranked[: max(_MOST, errors)]
    ]
    more = len(ranked) - len(lines)
    return [*lines, f"  and {more} more: chartgen lint {path}"] if more > 0 else lines


def _findings(
    engine: Engine, chart: Chart, path: Path, base: RenderRequest, settings: ChartSettings
) -> tuple[Finding, ...]:
    opened = with_subcharts_opened(chart)
    allowed = settings.cluster.allowed_namespaces
    releases = render_matrix(
        engine,
        opened,
        base,
        allowed,
        settings.release_requests,
        merge_namespaces=settings.names_no_namespaces,
    )
    filtered, _ = Prepared(path.as_posix(), settings, releases, None).filtered_findings(engine)
    return filtered.findings
