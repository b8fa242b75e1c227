"""Amounts as users write them on the command line (`30m`, `2%`, `0.02`), and formatted for reports."""

from __future__ import annotations

import math

from chartgen.errors import UsageError
from chartgen.flagger.go_durations import duration_seconds
from chartgen.patterns import lazy_pattern

_NUMBER = lazy_pattern(r"[0-9]+(?:\.[0-9]+)?")
_MAX_SECONDS = 366 * 86400.0
# Below this many seconds, format as seconds; below this many minutes, format as minutes.
_LARGEST_UNCONVERTED = 120
_SMALLEST_PERCENT = 0.01
_SMALLEST_PROBABILITY = 0.1
_SMALLEST_WITHOUT_DECIMALS = 10


def seconds_of(text: str, option: str) -> float:
    """A Go duration such as `90s`, `5m` or `1h30m` in seconds; UsageError for others, negative ones and > 1 year."""
    if _NUMBER.fullmatch(text) and float(text):
        raise UsageError(f"{option}: {text} has no unit", hint=f"write {text}m for minutes, or {text}s for seconds")
    seconds = duration_seconds(text)
    if seconds is None or seconds < 0:
        raise UsageError(f"{option}: {text!r} is not a duration", hint="write it as 90s, 5m or 1h30m")
    if seconds > _MAX_SECONDS:
        raise UsageError(f"{option}: {text!r} is more than a year", hint="write it as 90s, 5m or 1h30m")
    return seconds


def share_of(text: str, option: str) -> float:
    """`2%` or `0.02` as a share between 0 and 1."""
    number = text.removesuffix("%")
    if not _NUMBER.fullmatch(number):
        raise UsageError(f"{option}: {text!r} is not a share", hint="write it as 2% or 0.02")
    # 2% must become 2/100 and not 0.02000…004: reports show rates as the user wrote them.
    share = float(f"{number}e-2") if text.endswith("%") else float(number)
    if share > 1:
        raise UsageError(f"{option}: {text!r} is more than 100%", hint="write a share up to 100%, such as 2% or 0.02")
    return share


def shares_of(text: str, option: str) -> tuple[float, ...]:
    """A comma-separated list of shares, sorted and without duplicates."""
    return tuple(sorted({share_of(part.strip(), option) for part in text.split(",")}))


def format_seconds(seconds: float | None) -> str:
    """`90 s`, `9 min`, `2 h 30 min`; a dash for None, `never` for infinity."""
    if seconds is None:
        return "-"
    if math.isinf(seconds):
        return "never"
    whole = round(seconds)
    if whole < _LARGEST_UNCONVERTED and (whole % 60 or not whole):
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < _LARGEST_UNCONVERTED:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(whole / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def format_clock(seconds: float) -> str:
    """`m:ss`, or `h:mm:ss` for an hour or more."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def format_share(share: float) -> str:
    """A probability or rate in percent, without trailing zeros and never rounded to 0 % or 100 %."""
    percent = share * 100
    if 0 < percent < _SMALLEST_PERCENT:
        return "<0.01 %"
    if 100 - _SMALLEST_PERCENT < percent < 100:  # noqa: PLR2004 - percent
        return ">99.99 %"
    return f"{percent:.2f}".rstrip("0").rstrip(".") + " %"


def format_probability(probability: float) -> str:
    """A computed probability in whole percent; with one decimal, or as a bound, where it is close to 0 or 1."""
    percent = probability * 100
    if percent in (0, 100):
        return f"{percent:.0f} %"
    if percent < _SMALLEST_PROBABILITY:
        return f"<{_SMALLEST_PROBABILITY} %"
    if percent > 100 - _SMALLEST_PROBABILITY:
        return f">{100 - _SMALLEST_PROBABILITY} %"
    return f"{percent:.0f} %" if 1 <= percent <= 99 else f"{percent:.1f} %"  # noqa: PLR2004 - percent


def format_number(value: float) -> str:
    """A count with thousands separators; small fractions with one decimal; `unlimited` for infinity."""
    if math.isinf(value):
        return "unlimited"
    whole = value >= _SMALLEST_WITHOUT_DECIMALS or value == round(value)
    return f"{value:,.0f}" if whole else f"{value:.1f}"


def format_exposure(percent_minutes: float) -> str:
    """`200 %·min`, or `unlimited`."""
    number = format_number(percent_minutes)
    return number if math.isinf(percent_minutes) else f"{number} %·min"
