"""Adds a canary to a chart: plans the change, verifies it, lints the result, and writes it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.api.add_canary_result import AddCanaryResult, Workload
from chartgen.api.chart_change import chart_to_change
from chartgen.api.lint_plan import added_findings, refuse_errors, with_changes
from chartgen.api.names import release_name
from chartgen.api.render_errors import render_errors_of
from chartgen.api.settings import AddCanarySettings, checked, option
from chartgen.canary import ingress_advice
from chartgen.canary.defaults import with_defaults
from chartgen.canary.next_steps import closing_lines, warnings
from chartgen.canary.options import AddCanaryOptions, namespaces_of, weights_of
from chartgen.canary.planner import plan_canaries
from chartgen.canary.provider_settings import full_name, unwritten
from chartgen.config.nearest import config_for
from chartgen.edits.transaction import apply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.api.session import Session
    from chartgen.canary.planner import CanaryPlan, PlannedCanary
    from chartgen.lint.finding import Finding

# The fields of AddCanaryOptions that have another name than their keyword: repeatable options are plural there.
_FIELDS = {
    "target": "targets",
    "host": "hosts",
    "gateway": "gateways",
    "progress_deadline": "deadline",
    "match_header": "match_headers",
    "match_cookie": "match_cookies",
    "webhook": "webhooks",
    "alert": "alerts",
    "metric_template": "metric_templates",
    "metric_range": "metric_ranges",
}


def add(path: str | Path, settings: AddCanarySettings, session: Session, *, write: bool) -> AddCanaryResult:
    """See chartgen.api.add_canary."""
    folder = Path(path)
    options = options_of(settings, session)
    chart = chart_to_change(folder, session.note, writes=write)
    options = with_defaults(options, config_for(folder).document.get("add-canary", {}))
    engine = session.engine
    findings: tuple[Finding, ...] = ()
    with render_errors_of(chart):
        planned = plan_canaries(engine, chart, options)
        if planned.plan:
            findings = added_findings(engine, chart, with_changes(chart, planned.plan), folder, options.sources)
            ways_on = {ingress_advice.RULE: _once(planned, ingress_advice.ways_on)}
            refuse_errors(findings, (*options.accept, *_implied(planned)), ways_on)
    if planned.plan and write:
        apply(planned.plan)
    targets = [canary.analysis.target for canary in planned.canaries]
    return AddCanaryResult(
        edits=planned.plan,
        written=bool(planned.plan) and write,
        targets=tuple(Workload(target.kind, target.name) for target in targets),
        renderings=planned.renderings,
        findings=findings,
        warnings=_once(planned, warnings),
        next_steps=_once(planned, closing_lines),
        not_applied=_once(planned, lambda canary: unwritten(canary.options)),
    )


def options_of(settings: AddCanarySettings, session: Session) -> AddCanaryOptions:
    """The options that the settings give; UsageError for invalid ones."""
    given = checked(settings, AddCanarySettings)
    any_namespace = given.get("any_namespace", False)
    known = {field.name for field in fields(AddCanaryOptions)}
    found: dict[str, Any] = {}
    for name, value in given.items():
        field = _FIELDS.get(name, name)
        if field in known:
            found[field] = tuple(value) if isinstance(value, (list, tuple)) else value
    found["step_weights"] = weights_of(given.get("step_weights"))
    if "provider" in given:
        found["provider"] = full_name(given["provider"])
    return AddCanaryOptions(
        **{
            **found,
            "namespaces": namespaces_of(list(given.get("namespace", ())) or None, any_namespace=any_namespace),
            "enabled": not any_namespace,
            "release_name": release_name(given.get("release_name", "")) or None,
            "given": frozenset(map(option, given)),
            "sources": session.value_sources(settings),
        }
    )


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


def _once(planned: CanaryPlan, lines: Callable[[PlannedCanary], Iterator[str]]) -> tuple[str, ...]:
    """The lines about each Canary, without those that repeat one of another Canary."""
    return tuple(dict.fromkeys(line for canary in planned.canaries for line in lines(canary)))
