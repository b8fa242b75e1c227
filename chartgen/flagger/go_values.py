"""Go's ways of reading and writing durations and numbers, since events are written with them."""

from __future__ import annotations

import math
import re
from decimal import Decimal

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_NUMBER = re.compile(r"(\d*)(\.\d*)?")
_UNIT = re.compile(r"[^.\d]*")
_LONGEST = 2**63 - 1
_SECOND, _MINUTE = 1000, 60_000
_SMALLEST_PLAIN, _LARGEST_PLAIN = 1e-4, 1e6


class DurationError(ValueError):
    """Go's own words on a duration it cannot read (time.ParseDuration)."""


def parse_duration(text: str) -> float:
    """Seconds, as time.ParseDuration reads them; DurationError in Go's words."""
    rest = text[1:] if text[:1] in {"+", "-"} else text
    if rest == "0":
        return 0.0
    if not rest:
        raise DurationError(f"time: invalid duration {quoted(text)}")
    total = 0.0
    while rest:
        nanoseconds, rest = _component(text, rest)
        total += nanoseconds
        if total > _LONGEST:
            raise DurationError(f"time: invalid duration {quoted(text)}")
    return math.copysign(total / 10**9, -1 if text[0] == "-" else 1)


def _component(text: str, rest: str) -> tuple[float, str]:
    found = _NUMBER.match(rest)
    if not found or not found[0].strip("."):
        raise DurationError(f"time: invalid duration {quoted(text)}")
    rest = rest[found.end() :]
    unit = _UNIT.match(rest)
    name = unit[0] if unit else ""
    if not name:
        raise DurationError(f"time: missing unit in duration {quoted(text)}")
    if name not in _UNITS:
        raise DurationError(f"time: unknown unit {quoted(name)} in duration {quoted(text)}")
    return float(found[0]) * _UNITS[name], rest[len(name) :]


def quoted(text: str) -> str:
    """A string as Go's %q writes it, for the plain strings that occur."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def milliseconds_text(milliseconds: int) -> str:
    """A time.Duration of whole milliseconds as %v writes it: 0s, 800ms, 1.5s, 2m0s."""
    if milliseconds == 0:
        return "0s"
    sign, left = ("-", -milliseconds) if milliseconds < 0 else ("", milliseconds)
    if left < _SECOND:
        return f"{sign}{left}ms"
    minutes, rest = divmod(left, _MINUTE)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // _SECOND}" + f".{rest % _SECOND:03d}".rstrip("0").rstrip(".")
    lead = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{lead}{seconds}s"


def number_text(value: float) -> str:
    """A float64 as %v writes it: the shortest digits, an exponent below 1e-4 and from 1e6 on."""
    value = float(value)
    if math.isinf(value) or math.isnan(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    shortest = Decimal(repr(value))
    if value == 0 or _SMALLEST_PLAIN <= abs(value) < _LARGEST_PLAIN:
        return format(shortest, "f").removesuffix(".0")
    sign, digits, _ = shortest.normalize().as_tuple()
    mantissa = ".".join(filter(None, (str(digits[0]), "".join(map(str, digits[1:])))))
    return f"{'-' if sign else ''}{mantissa}e{shortest.adjusted():+03d}"


def fixed_text(value: float) -> str:
    """A float64 as %.2f writes it."""
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return f"{value:.2f}"
