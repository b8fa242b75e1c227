"""What `chartgen watch` prints: lines for CI, JSON lines, and a view that redraws in a terminal."""

from __future__ import annotations

from datetime import datetime, timezone
from math import isfinite
from typing import TYPE_CHECKING

from chartgen.escaping import json_line, shown_line, without_commands
from chartgen.planning.amounts import format_clock, format_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chartgen.cluster.watching.expectation import Expectation
    from chartgen.cluster.watching.rollout import End, Update

_BAR = 30
_EVENTS = 6
_FULL = 100


def header() -> str:
    """The names of the columns of `text_line`."""
    return f"{'time':>7}  {'plan':>7}  {'phase':<17}  {'weight':>6}  event"


def title(canary: str, cluster: str) -> str:
    """The first line. A kubeconfig can give its context any name."""
    return _safe(f"Canary {canary} in {cluster}")


def text_line(update: Update) -> str:
    """One update for a log: real time, expected time, phase, weight, and the event or the deviation."""
    position = update.position
    what = update.message or "; ".join(filter(None, (update.deviation, _metrics(update), _left(update))))
    clocks = (f"{_clock(second):>7}" for second in (update.second, update.expected))
    weight = f"{position.weight} %" if not position.iterations else f"#{position.iterations}"
    return _safe(f"{'  '.join(clocks)}  {position.phase or '-':<17}  {weight:>6}  {what}".rstrip())


def end_line(end: End) -> str:
    """The last line."""
    return _safe(f"{end.result.value}: {end.reason}")


def json_update(update: Update) -> str:
    """One update as a line of JSON (`schemas/watch-v1.schema.json`)."""
    position = update.position
    return json_line(
        {
            "type": "event" if update.message else "status",
            "time": _time(update.at),
            "phase": position.phase,
            "weight": position.weight,
            "iterations": position.iterations,
            "failed_checks": position.failed_checks,
            "seconds": _rounded(update.second),
            "expected_seconds": _rounded(update.expected),
            "late_seconds": _rounded(update.late),
            "left_seconds": _rounded(update.left),
            "message": update.message,
            "warning": update.warning,
            "deviation": update.deviation,
            # JSON has no infinite numbers.
            "metrics": {
                key: value if value is None or isfinite(value) else None for key, value in update.metrics.items()
            },
        }
    )


def json_end(end: End, at: float) -> str:
    """The last line of JSON: the result."""
    result = end.result.value.replace(" ", "-")
    return json_line(
        {"type": "result", "time": _time(at), "result": result, "ok": end.result.exit_ok, "reason": end.reason}
    )


def view(title: str, plan: Expectation, updates: Sequence[Update], now: float, width: int) -> list[str]:
    """The lines of the terminal view: the plan with the real times beside it, and the last events."""
    lines = [title]
    last = updates[-1] if updates else None
    if last is None:
        return [*lines, "waiting for the Canary …"]
    position = last.position
    filled = round(_BAR * min(position.weight, _FULL) / _FULL)
    bar = f"[{'#' * filled}{'.' * (_BAR - filled)}] {position.weight} % canary"
    elapsed = None if last.second is None else last.second + max(0.0, now - last.at)
    lines += [f"{position.phase or 'no phase'}  {bar}  {_clock(elapsed)} elapsed, {_remaining(last)}"]
    lines += ["", f"  {'plan':>7}  {'real':>7}  step", *_steps(plan, updates)]
    values = _metrics(last)
    lines += ["", f"now: {last.deviation or 'as planned'}{'; ' if values else ''}{values}", ""]
    lines += [f"  {_clock(each.second):>7}  {each.message}" for each in updates if each.message][-_EVENTS:]
    return [_safe(line)[: max(width - 1, 20)] for line in lines]


def _steps(plan: Expectation, updates: Sequence[Update]) -> list[str]:
    reached: dict[tuple[str, int, int], float] = {}
    for update in updates:
        position = update.position
        if update.second is not None:
            reached.setdefault((position.phase, position.weight, position.iterations), update.second)
    rows, seen = [], set()
    for tick in plan.ticks:
        key = (tick.phase, round(tick.canary_weight), tick.iterations)
        if key not in seen:
            seen.add(key)
            step = f"{tick.phase} {key[1]} %" + (f", iteration {tick.iterations}" if tick.iterations else "")
            rows.append(f"  {_clock(tick.second):>7}  {_clock(reached.get(key)):>7}  {step}")
    return rows


def _remaining(update: Update) -> str:
    return "time left unknown" if update.left is None else f"about {format_seconds(update.left)} left"


def _left(update: Update) -> str:
    return "" if not update.left else f"about {format_seconds(update.left)} left"


def _metrics(update: Update) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in update.metrics.items() if value is not None)


def _clock(seconds: float | None) -> str:
    return "-" if seconds is None else format_clock(seconds)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _number(value: float | None) -> float | None:
    """JSON has no infinite numbers."""
    return None if value is None or not isfinite(value) else value


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, tz=timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _safe(line: str) -> str:
    return without_commands(shown_line(line))
