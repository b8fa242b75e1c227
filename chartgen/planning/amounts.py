"""Amounts as people write them on a command line (`30m`, `2%`, `0.02`) and read them in a report."""

from __future__ import annotations

import math
import re

from chartgen.errors import UsageError
from chartgen.flagger.go_durations import duration_seconds

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_LONGEST = 366 * 86400.0
# Up to so many seconds are told in seconds, up to so many minutes in minutes.
_TOLD_WHOLE = 120
_LEAST_PERCENT = 0.01
_WITHOUT_DECIMALS = 10


def seconds_of(text: str, option: str) -> float:
    """A Go duration such as `90s`, `5m` or `1h30m` in seconds; UsageError for others, negative ones and > 1 year."""
    seconds = duration_seconds(text)
    if seconds is None or seconds < 0:
        raise UsageError(f"{option}: {text!r} is not a duration", hint="write it as 90s, 5m or 1h30m")
    if seconds > _LONGEST:
        raise UsageError(f"{option} {text!r} is more than a year", hint="write it as 90s, 5m or 1h30m")
    return seconds


def share_of(text: str, option: str) -> float:
    """`2%` or `0.02` as a share between 0 and 1."""
    number = text.removesuffix("%")
    if not _NUMBER.fullmatch(number):
        raise UsageError(f"{option} {text!r} is no share", hint="write it as 2% or 0.02")
    # 2% is 2/100 and not 0.02000…004: rates are shown as they were given.
    share = float(f"{number}e-2") if text.endswith("%") else float(number)
    if share > 1:
        raise UsageError(f"{option} {text!r} is more than all", hint="write it as 2% or 0.02")
    return share


def shares_of(text: str, option: str) -> tuple[float, ...]:
    """A comma-separated list of shares, each once, rising."""
    return tuple(sorted({share_of(part.strip(), option) for part in text.split(",")}))


def told_seconds(seconds: float | None) -> str:
    """`90 s`, `9 min`, `2 h 30 min`; a dash for None, `never` for infinity."""
    if seconds is None:
        return "-"
    if math.isinf(seconds):
        return "never"
    whole = round(seconds)
    if whole < _TOLD_WHOLE and (whole % 60 or not whole):
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < _TOLD_WHOLE:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(whole / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def told_clock(seconds: float) -> str:
    """`m:ss`, or `h:mm:ss` from an hour on."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def told_share(share: float) -> str:
    """A probability or rate in percent, with as many digits as it needs and never a false 0 % or 100 %."""
    percent = share * 100
    if 0 < percent < _LEAST_PERCENT:
        return "<0.01 %"
    if 100 - _LEAST_PERCENT < percent < 100:  # noqa: PLR2004 - percent
        return ">99.99 %"
    return f"{percent:.2f}".rstrip("0").rstrip(".") + " %"


def told_number(value: float) -> str:
    """A count with thousands apart; small ones with a decimal."""
    if math.isinf(value):
        return "without end"
    return f"{value:,.0f}" if value >= _WITHOUT_DECIMALS or value == round(value) else f"{value:.1f}"
