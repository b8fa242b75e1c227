"""A plan as JSON, version 1: a release may add fields, but never changes them (`schemas/plan-result-v1.schema.json`).

JSON has no infinity: null stands for never and for unlimited.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from chartgen import __version__
from chartgen.escaping import json_text
from chartgen.reporters.plan_words import format_ending

if TYPE_CHECKING:
    from chartgen.planning.detection.operating_characteristic import DetectionRow, OperatingCharacteristic
    from chartgen.planning.flaky import FlakyStatistics, Percentiles
    from chartgen.planning.release_hours import ReleaseHours
    from chartgen.planning.release_plan import FailedRequests, ReleasePlan, ScenarioResult
    from chartgen.planning.report import Report
    from chartgen.planning.scenario_run import TickView


def plan_json(report: Report) -> str:
    """All plans in one document, compared ones too."""
    document = {
        "version": 1,
        "tool": {"name": "chartgen", "version": __version__},
        "plans": [{"label": entry.label, **_plan(entry.plan)} for entry in report.entries],
        "budgets": report.budgets,
        "exceeded": [
            {"budget": excess.budget, "limit": excess.limit, "found": excess.found} for excess in report.exceeded
        ],
    }
    return json_text(document)


def _plan(plan: ReleasePlan) -> dict[str, Any]:
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
        "failed_requests": _failed_requests(plan.failed_requests) if plan.failed_requests else None,
        "scenarios": [_scenario(result) for result in plan.results],
        "warnings": list(plan.warnings),
        "notes": list(plan.notes),
        **({"release_hours": release_hours_json(plan.hours)} if plan.hours else {}),
        "detection": [_characteristic(characteristic) for characteristic in plan.characteristics],
    }


def release_hours_json(hours: ReleaseHours) -> dict[str, Any]:
    """When in a week a release should not start; hours count from Monday 00:00."""
    return {
        "not_starting": list(hours.ranges),
        "hours": list(hours.bad),
        "lowest_rps": hours.lowest_rps,
        "highest_rps": hours.highest_rps,
    }


def _failed_requests(failed: FailedRequests) -> dict[str, Any]:
    return {
        "rate": failed.rate,
        "mean": _finite(failed.mean),
        "p95": _finite(failed.p95),
        "promoted": failed.promoted,
    }


def _scenario(result: ScenarioResult) -> dict[str, Any]:
    run, summary = result.run, result.summary
    return {
        "scenario": run.scenario.text,
        "about": run.scenario.description,
        "ending": run.ending.value,
        "message": format_ending(result),
        "stall": run.stall,
        "ticks": [_tick(tick) for tick in run.ticks],
        "promote_seconds": _finite(summary.promote_seconds),
        "rollback_seconds": _finite(summary.rollback_seconds),
        "exposure_percent_minutes": _finite(summary.exposure),
        "requests": _finite(summary.requests),
        "chance": _flaky(result.flaky) if result.flaky else None,
    }


def _tick(tick: TickView) -> dict[str, Any]:
    return {
        "tick": tick.tick,
        "second": tick.second,
        "phase": tick.phase,
        "primary_weight": tick.primary_weight,
        "canary_weight": tick.canary_weight,
        "users": tick.user_share,
        "mirrored": tick.mirrored,
        "failed_checks": tick.failed_checks,
        "iterations": tick.iterations,
        "events": [{"type": event.type, "text": event.text} for event in tick.events],
    }


def _flaky(flaky: FlakyStatistics) -> dict[str, Any]:
    return {
        "promoted": flaky.promoted,
        "rolled_back": flaky.rolled_back,
        "runs": flaky.rollouts,
        "promote_seconds": _percentiles(flaky.promote_seconds, flaky.course.promote_seconds),
        "exposure_percent_minutes": _percentiles(flaky.exposure, flaky.course.exposure),
    }


def _percentiles(percentiles: Percentiles | None, mean: float | None) -> dict[str, float | None] | None:
    if percentiles is None:
        return None
    return {"p5": percentiles.p5, "p50": percentiles.p50, "p95": percentiles.p95, "mean": mean}


def _characteristic(characteristic: OperatingCharacteristic) -> dict[str, Any]:
    return {
        "check": characteristic.kind,
        "false_alarm": characteristic.healthy.outcomes.rolled_back,
        "rows": [_row(row) for row in (characteristic.healthy, *characteristic.rows)],
    }


def _row(row: DetectionRow) -> dict[str, Any]:
    outcomes = row.outcomes
    return {
        "rate": row.rate,
        "rolled_back": outcomes.rolled_back,
        "promoted": outcomes.promoted,
        "undecided": outcomes.undecided,
        "bad_requests_mean": outcomes.bad_mean,
        "bad_requests_p95": outcomes.bad_p95,
        "rollback_seconds": outcomes.rollback_seconds,
        "method": row.method.value,
        "counters": "scraped" if row.scraped else "ideal",
        "standard_error": outcomes.standard_error,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
