"""Suggested settings as JSON, version 1: a release may add fields, but never changes them.

`schemas/suggestion-result-v1.schema.json` describes it. JSON has no infinity: null stands for never.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from chartgen import __version__
from chartgen.escaping import json_text
from chartgen.planning.run_summary import error_rate
from chartgen.planning.suggestion.values import suggested_fields
from chartgen.reporters.plan_json import release_hours_json
from chartgen.reporters.suggestion_text import obstacles_by_hour

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.suggestion.outcome import Outcome
    from chartgen.planning.suggestion.suggestion import Suggestion


def suggestion_json(found: Suggestion) -> str:
    """One document for one Canary."""
    settings, budgets = found.settings, found.budgets
    document = {
        "version": 1,
        "tool": {"name": "chartgen", "version": __version__},
        "canary": {"name": found.subject.name, "namespace": found.subject.namespace},
        "strategy": found.subject.strategy,
        "provider": found.subject.provider,
        "traffic": {
            "rps": settings.rps,
            "peak_rps": settings.peak_rps,
            "error_rate": error_rate(settings),
            "healthy_error_rate": settings.healthy_error_rate,
            "counters": found.counters,
        },
        "budgets": {
            "detect": [{"rate": each.rate, "probability": each.probability} for each in budgets.detect],
            "max_failed_requests": budgets.failed_requests,
            "max_duration_seconds": budgets.duration,
            "max_exposure_percent_minutes": budgets.exposure,
            "max_rollback_seconds": budgets.rollback_time,
            "false_alarm": budgets.false_alarm,
        },
        "searched": found.searched,
        "current": _outcome(found, found.current),
        "chosen": _outcome(found, found.chosen),
        "front": [_outcome(found, outcome) for outcome in found.front],
        "nearest": _outcome(found, found.nearest),
        "obstacles": list(_obstacles(found)),
        "current_meets_budgets": found.current_suffices,
        "analysis": suggested_fields(found.manifest) if found.manifest and found.chosen else None,
        "values": found.values if found.chosen else None,
        "other_traffic": [
            {
                "label": other.label,
                "rps": other.rps,
                "peak_rps": other.peak_rps,
                "outcome": _outcome(found, other.outcome),
            }
            for other in found.other_traffic
        ],
        "release_hours": release_hours_json(found.hours) if found.hours else None,
    }
    return json_text(document)


def _obstacles(found: Suggestion) -> Iterator[str]:
    """With the traffic of a week, each says in which hour."""
    for title, obstacles in obstacles_by_hour(found):
        yield from (f"{title}: {obstacle}" if found.settings.week else obstacle for obstacle in obstacles)


def _outcome(found: Suggestion, outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    setting = outcome.setting
    caught = zip(found.budgets.detect, outcome.caught, strict=True)
    return {
        "setting": {
            **dict.fromkeys(("stepWeight", "maxWeight", "stepWeights", "iterations")),
            **setting.routing.fields,
            "interval_seconds": setting.interval,
            "window_seconds": setting.window,
            "threshold": setting.threshold,
        },
        "promote_seconds": _finite(outcome.promote_seconds),
        "exposure_percent_minutes": _finite(outcome.exposure),
        "worst_rollback_seconds": _finite(outcome.rollback_seconds),
        "detection": [{"rate": budget.rate, "rolled_back": chance} for budget, chance in caught],
        "failed_requests": {"mean": _finite(outcome.failed_mean), "p95": _finite(outcome.failed_p95)},
        "false_alarm": outcome.false_alarm,
        "standard_error": outcome.error,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
