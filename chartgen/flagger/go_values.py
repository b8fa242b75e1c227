"""Durations, numbers and strings as Go formats them, because Flagger's events contain them."""

from __future__ import annotations

import math
from decimal import Decimal

_SECOND, _MINUTE = 1000, 60_000
_SMALLEST_PLAIN, _LARGEST_PLAIN = 1e-4, 1e6


def quoted(text: str) -> str:
    """A string as Go's %q writes it, for printable strings."""
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
