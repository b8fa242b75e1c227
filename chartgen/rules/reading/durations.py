"""Durations in messages, and the times that Flagger reads from a Canary's fields."""

from __future__ import annotations

from typing import Any

from chartgen.flagger import canary
from chartgen.flagger.go_durations import duration_seconds


def interval_seconds(value: Any) -> float:
    """Seconds between two ticks for any value of the field `analysis.interval`."""
    return canary.interval_seconds(canary.as_str(value))


def hook_timeout(value: Any) -> float | None:
    """Seconds Flagger waits for a webhook with this `timeout`, None if it can't read it."""
    return duration_seconds(canary.call_timeout(canary.as_str(value)))


def as_text(seconds: float) -> str:
    """`90s`, `2m`, `10m`."""
    whole = int(seconds)
    return f"{whole // 60}m" if whole >= 60 and whole % 60 == 0 else f"{whole}s"
