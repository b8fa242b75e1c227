"""A plan as JSON, version 1: fields may be added, never changed (`schemas/plan-result-v1.schema.json`).

JSON has no infinity: what never comes or never ends is null."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from chartgen import __version__
from chartgen.escaping import json_text
from chartgen.reporters.plan_tables import ending_told

if TYPE_CHECKING:
    from chartgen.planning.detection.operating_characteristic import OperatingCharacteristic, Row
    from chartgen.planning.flaky import Percentiles, Spread
    from chartgen.planning.release_plan import Played, ReleasePlan
    from chartgen.planning.report import Report
    from chartgen.planning.scenario_run import TickView


def plan_json(report: Report) -> str:
    """All plans in one envelope; compared ones stand beside each other."""
    document = {
        "version": 1,
        "tool": {"name": "chartgen", "version": __version__},
        "plans": [{"label": entry.label, **as_object(entry.plan)} for entry in report.entries],
        "budgets": report.budgets,
        "exceeded": [{"budget": one.budget, "limit": one.limit, "found": one.found} for one in report.exceeded],
    }
    return json_text(document)


def as_object(plan: ReleasePlan) -> dict[str, Any]:
    """One plan."""
    subject, settings = plan.subject, plan.settings
    return {
        "canary": {"name": subject.name, "namespace": subject.namespace},
        "flagger": subject.flagger,
        "strategy": subject.strategy,
        "provider": subject.provider,
        "interval_seconds": subject.interval,
        "threshold": subject.threshold,
        "pod_start": {"seconds": subject.pod_start.seconds, "source": subject.pod_start.source},
        "bootstrap": subject.bootstrap,
        "traffic": {"rps": settings.rps, "error_rate": settings.error_rate},
        "worst_rollback_seconds": _finite(plan.worst_rollback),
        "rolls_back": plan.worst_rollback is not None and math.isfinite(plan.worst_rollback),
        "failed_requests_at_worst": _finite(plan.failed_at_worst),
        "scenarios": [_scenario(one) for one in plan.played],
        "warnings": list(plan.warnings),
        "notes": list(plan.notes),
        "detection": [_characteristic(found) for found in plan.characteristics],
    }


def _scenario(one: Played) -> dict[str, Any]:
    course, figures = one.course, one.figures
    return {
        "scenario": course.scenario.text,
        "about": course.scenario.told,
        "ending": course.ending.value,
        "message": ending_told(one),
        "stall": course.stall,
        "ticks": [_moment(moment) for moment in course.ticks],
        "promote_seconds": _finite(figures.promote_seconds),
        "rollback_seconds": _finite(figures.rollback_seconds),
        "exposure_percent_minutes": _finite(figures.exposure),
        "requests": _finite(figures.requests),
        "failed_requests": _finite(figures.failed),
        "chance": _spread(one.spread) if one.spread else None,
    }


def _moment(moment: TickView) -> dict[str, Any]:
    return {
        "tick": moment.tick,
        "second": moment.second,
        "phase": moment.phase,
        "primary_weight": moment.primary,
        "canary_weight": moment.canary,
        "users": moment.users,
        "mirrored": moment.mirrored,
        "failed_checks": moment.failed_checks,
        "iterations": moment.iterations,
        "events": [{"type": event.type, "text": event.text} for event in moment.events],
    }


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "promoted": spread.promoted,
        "rolled_back": spread.rolled_back,
        "runs": spread.runs,
        "promote_seconds": _percentiles(spread.promote_seconds) if spread.promote_seconds else None,
        "exposure_percent_minutes": _percentiles(spread.exposure),
    }


def _percentiles(found: Percentiles) -> dict[str, float]:
    return {"p5": found.p5, "p50": found.p50, "p95": found.p95}


def _characteristic(found: OperatingCharacteristic) -> dict[str, Any]:
    return {
        "check": found.kind,
        "false_alarm": found.healthy.fate.rolled_back,
        "rows": [_row(row) for row in (found.healthy, *found.rows)],
    }


def _row(row: Row) -> dict[str, Any]:
    fate = row.fate
    return {
        "rate": row.rate,
        "rolled_back": fate.rolled_back,
        "promoted": fate.promoted,
        "undecided": fate.undecided,
        "bad_requests_mean": fate.bad_mean,
        "bad_requests_p95": fate.bad_p95,
        "rollback_seconds": fate.rollback_seconds,
        "method": row.method.value,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
