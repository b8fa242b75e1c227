"""Durations as Go's time.ParseDuration reads them, and what Flagger makes of an interval."""

from __future__ import annotations

import re
from typing import Any

_PARTS = re.compile(r"[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+")
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}

# What canary.go:GetAnalysisInterval takes for an interval it cannot read, and its lower bound.
DEFAULT_INTERVAL = 60.0
SHORTEST_INTERVAL = 10.0


def go_seconds(value: Any) -> float | None:
    """The duration in seconds, None where Go cannot read it."""
    text = str(value)
    if text in {"0", "+0", "-0"}:
        return 0.0
    if not isinstance(value, str) or not _PARTS.fullmatch(text):
        return None
    seconds = sum(float(amount) * _SECONDS[unit] for amount, unit in _PART.findall(text))
    return -seconds if text.startswith("-") else seconds


def interval_seconds(value: Any) -> float:
    """The time between two ticks: unreadable counts as 60 s, less than 10 s as 10 s."""
    seconds = go_seconds(value)
    return DEFAULT_INTERVAL if seconds is None else max(seconds, SHORTEST_INTERVAL)


def hook_timeout(value: Any) -> float | None:
    """Seconds Flagger waits for a webhook, None where it cannot read them (webhook.go:callWebhook: 10 s when empty)."""
    return 10.0 if value is None or len(str(value)) < len("1s") else go_seconds(value)


def told(seconds: float) -> str:
    """`90s`, `2m`, `10m`."""
    whole = int(seconds)
    return f"{whole // 60}m" if whole >= 60 and whole % 60 == 0 else f"{whole}s"
