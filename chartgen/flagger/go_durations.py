"""Durations as Flagger's Go reads them: time.ParseDuration, with its limits and its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.go_values import quoted
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    import re

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_COMPONENT = lazy_pattern(r"([0-9]*)(?:\.([0-9]*))?([^.0-9]*)")
# A time.Duration is an int64 of nanoseconds; the sum is kept in a uint64 until the sign is known.
_LIMIT = 2**63
_UNSIGNED = 2**64
_SECOND = 10**9


class DurationError(ValueError):
    """A text time.ParseDuration rejects, with Go's own message."""


def parse_duration(text: str) -> float:
    """Seconds of a duration such as `1m30s`; DurationError if Go rejects it."""
    nanoseconds = _nanoseconds(text)
    whole, rest = divmod(abs(nanoseconds), _SECOND)
    # time.Duration.Seconds adds the two as floats.
    seconds = whole + rest / _SECOND
    return -seconds if nanoseconds < 0 else seconds


def duration_seconds(value: object) -> float | None:
    """Seconds of the duration in a field, None if it isn't a string or Go can't parse it."""
    if not isinstance(value, str):
        return None
    try:
        return parse_duration(value)
    except DurationError:
        return None


def _nanoseconds(text: str) -> int:
    negative, rest = text[:1] == "-", text[1:] if text[:1] in {"+", "-"} else text
    if rest == "0":
        return 0
    invalid = DurationError(f"time: invalid duration {_quoted(text)}")
    if not rest:
        raise invalid
    total = 0
    while rest:
        found = _COMPONENT.match(rest)
        assert found, "the pattern matches the empty text, too"
        amount = _component(found, text)
        total = (total + amount) % _UNSIGNED
        if max(amount, total) > _LIMIT:
            raise invalid
        rest = rest[found.end() :]
    if total == _LIMIT and not negative:
        raise invalid
    return -total if negative else total


def _component(found: re.Match[str], text: str) -> int:
    """Nanoseconds of one number with its unit; a value beyond int64 makes the whole duration invalid."""
    whole, fraction, name = found[1].lstrip("0"), found[2] or "", found[3]
    too_large = len(whole) > len(str(_LIMIT)) or int(whole or 0) > _LIMIT
    if too_large or not (found[1] or fraction):
        raise DurationError(f"time: invalid duration {_quoted(text)}")
    if not name:
        raise DurationError(f"time: missing unit in duration {_quoted(text)}")
    if name not in _UNITS:
        raise DurationError(f"time: unknown unit {_quoted(name)} in duration {_quoted(text)}")
    return int(whole or 0) * _UNITS[name] + _fraction(fraction, _UNITS[name])


def _fraction(digits: str, unit: int) -> int:
    """Nanoseconds of the digits after the decimal point: computed as a float64, digits beyond int64 dropped."""
    amount, scale = 0, 1.0
    for digit in digits:
        longer = amount * 10 + int(digit)
        if amount > (_LIMIT - 1) // 10 or longer > _LIMIT:
            break
        amount, scale = longer, scale * 10
    return int(float(amount) * (float(unit) / scale))


def _quoted(text: str) -> str:
    """A string as Go's package time quotes it, with bytes other than printable ASCII in hexadecimal."""
    return "".join(
        letter if " " <= letter <= "\x7f" else "".join(f"\\x{byte:02x}" for byte in letter.encode(errors="replace"))
        for letter in quoted(text)
    )
