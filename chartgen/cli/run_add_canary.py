"""`chartgen add-canary` without its command line: recovers, loads, plans, then prints or writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.canary.defaults import with_defaults
from chartgen.canary.next_steps import closing_lines, warnings
from chartgen.canary.planner import plan_canaries
from chartgen.canary.provider_settings import unwritten
from chartgen.cli import exit_codes
from chartgen.cli.chart_change import chart_to_change, print_changes
from chartgen.cli.lint_plan import added_findings, finding_lines, refuse_errors, with_changes
from chartgen.cli.output import note, print_prose, write_result
from chartgen.cli.render_errors import render_errors_of
from chartgen.config.config import config_for
from chartgen.edits.diff import unified_diff
from chartgen.edits.transaction import apply
from chartgen.escaping import json_text
from chartgen.helm.select import select_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from chartgen.canary.options import AddCanaryOptions
    from chartgen.canary.planner import CanaryPlan, PlannedCanary
    from chartgen.helm.select import HelmChoice
    from chartgen.lint.finding import Finding


def run(
    path: Path,
    options: AddCanaryOptions,
    *,
    helm: HelmChoice,
    diff: bool,
    check: bool,
    form: str,
) -> int:
    """Run one `add-canary` and return its exit code."""
    writes = not (diff or check)
    chart = chart_to_change(path, writes=writes)
    options = with_defaults(options, config_for(path).document.get("add-canary", {}))
    engine = select_engine(helm.program, helm.limits)
    findings: tuple[Finding, ...] = ()
    with render_errors_of(chart):
        planned = plan_canaries(engine, chart, options)
        if planned.plan:
            findings = added_findings(engine, chart, with_changes(chart, planned.plan), path, options.sources)
            refuse_errors(findings, (*options.accept, *_implied(planned)))
    if planned.plan and writes:
        apply(planned.plan)
    if form == "json":
        document = _as_json(planned, written=bool(planned.plan) and writes)
        write_result(json_text({**document, "lint": finding_lines(findings, path)}), None)
    else:
        _print_text(planned, diff=diff, check=check)
        if findings and writes:
            note("\n".join(["\nchartgen lint reports about the result:", *finding_lines(findings, path)]))
    return exit_codes.FOUND if planned.plan and check else exit_codes.OK


def _implied(planned: CanaryPlan) -> tuple[str, ...]:
    """The rules whose errors an option asks for, or a warning explains."""
    options = [canary.options for canary in planned.canaries]
    implied = {
        "chart-service-collides-with-apex": any(each.keep_service for each in options),
        "api-version-not-served": any(each.api_version != "v1beta1" for each in options),
        # A v1alpha2 Canary has one port for callers and containers.
        "service-port-changed-by-canary": any(each.api_version == "v1alpha2" for each in options),
        "jx-internal-port": any(each.api_version == "v1alpha2" for each in options),
        "analysis-checks-nothing": any(not each.metrics for each in options),
    }
    return tuple(rule for rule, applies in implied.items() if applies)


def _print_text(planned: CanaryPlan, *, diff: bool, check: bool) -> None:
    if not planned.plan:
        for line in _once(planned, lambda canary: unwritten(canary.options)):
            note(f"note: {line}")
        these = "these canaries" if planned.canaries[1:] else "this canary"
        print_prose(f"nothing to do: the chart already has {these}")
        return
    if diff:
        write_result(unified_diff(planned.plan), None)
        return
    if not check:
        for line in _once(planned, warnings):
            note(line)
    print_changes(planned.plan, would=check)
    if not check:
        for paragraph in _once(planned, closing_lines):
            note(f"\n{paragraph}")


def _once(planned: CanaryPlan, lines: Callable[[PlannedCanary], Iterator[str]]) -> list[str]:
    """The lines about each Canary, without those that repeat one of another Canary."""
    return list(dict.fromkeys(line for canary in planned.canaries for line in lines(canary)))


def _as_json(planned: CanaryPlan, *, written: bool) -> dict[str, object]:
    targets = [canary.analysis.target for canary in planned.canaries]
    return {
        "version": 1,
        "chart": str(planned.plan.root),
        "written": written,
        "changes": [{"path": change.path, "action": change.action} for change in planned.plan.changes],
        "target": {"kind": targets[0].kind, "name": targets[0].name},
        "targets": [{"kind": target.kind, "name": target.name} for target in targets],
        "renderings": planned.renderings,
        "diff": unified_diff(planned.plan),
        "notes": [*_once(planned, warnings), *_once(planned, closing_lines)],
    }
