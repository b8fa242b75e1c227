"""The traffic of a week by the hour: a rate for each of its 168 hours, as `--traffic` and chartgen.yaml write them.

A row names hours and their requests per second: `Mon 09:00`, or `Mon-Fri 09:00-18:00` without the hour that begins at
18:00. Each hour of the week has one row.
"""

from __future__ import annotations

import math
import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from chartgen.errors import UsageError
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HOURS = 168
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ROW = lazy_pattern(r"([a-z]{3})(?:\s*-\s*([a-z]{3}))?\s+(\d{1,2}):00(?:\s*-\s*(\d{1,2}):00)?", re.IGNORECASE)
_HEADER = ["hours", "rps"]
_SEPARATORS = {";": "a semicolon", "\t": "a tab", "|": "a bar"}
_MOST_RPS = 1_000_000.0
_MOST_ROWS = 10_000
_SHOWN = 3
_HINT = "write rows such as `Mon 09:00,12.5` or `Mon-Fri 09:00-18:00,40` that name each hour of the week once"


class WeekTraffic(NamedTuple):
    """`rates`: requests per second for each hour, Monday 00:00 first; `source` is for reports."""

    rates: tuple[float, ...]
    source: str

    @property
    def quietest(self) -> int:
        """The hour (0..167) with the fewest requests."""
        return min(range(HOURS), key=self.rates.__getitem__)

    @property
    def busiest(self) -> int:
        """The hour (0..167) with the most requests."""
        return max(range(HOURS), key=self.rates.__getitem__)

    @property
    def in_quietest(self) -> str:
        """`in the quietest hour (Mon 00:00, 2 requests per second)`."""
        return f"in the quietest hour ({hour_name(self.quietest)}, {rate_text(min(self.rates))})"

    @property
    def in_busiest(self) -> str:
        """`in the busiest hour (Mon 07:00, 40 requests per second)`."""
        return f"in the busiest hour ({hour_name(self.busiest)}, {rate_text(max(self.rates))})"

    def scaled(self, factor: float) -> WeekTraffic:
        """The same hours with more or fewer requests."""
        return self._replace(rates=tuple(rate * factor for rate in self.rates))

    def during(self, start: int, seconds: float) -> tuple[float, ...]:
        """The rates of all hours that a release can touch if it starts within the hour `start`."""
        return tuple(self.rates[hour % HOURS] for hour in range(start, start + 1 + math.ceil(seconds / 3600)))


def rate_text(rps: float) -> str:
    """`1 request per second`."""
    return f"{rps:g} {'request' if rps == 1 else 'requests'} per second"


def hour_name(hour: int) -> str:
    """`Mon 09:00`."""
    day, of_day = divmod(hour % HOURS, 24)
    return f"{_DAYS[day]} {of_day:02}:00"


def hour_ranges(hours: Iterable[int]) -> Iterator[str]:
    """Hours as ranges: `Mon 22:00 to Tue 05:00`; a range over the end of the week is one."""
    found = sorted(set(hours))
    if len(found) == HOURS:
        yield "the whole week"
        return
    runs = [[hour for _, hour in run] for _, run in groupby(enumerate(found), lambda pair: pair[1] - pair[0])]
    if len(runs) > 1 and runs[0][0] == 0 and runs[-1][-1] == HOURS - 1:
        runs[0] = [*runs.pop(), *(hour + HOURS for hour in runs[0])]
    yield from (f"{hour_name(run[0])} to {hour_name(run[-1] + 1)}" for run in runs)


def week_of_csv(text: str, source: str) -> WeekTraffic:
    """The week in a CSV file with the columns `hours` and `rps`; UsageError names the line that is wrong."""
    import csv
    import io

    rows = []
    try:
        for line, row in enumerate(csv.reader(io.StringIO(text), strict=True), start=1):
            cells = [cell.strip() for cell in row]
            if not any(cells) or cells[0].startswith("#") or [cell.lower() for cell in cells] == _HEADER:
                continue
            if len(cells) != len(_HEADER):
                raise UsageError(f"{source}:{line}: {_columns(cells)} (hours, rps)", hint=_HINT)
            rows.append((f"{source}:{line}", cells[0], cells[1]))
    except csv.Error as error:
        raise UsageError(f"{source}: not valid CSV: {error}", hint=_HINT) from error
    return week_of(rows, source)


def _columns(cells: Sequence[str]) -> str:
    """How many columns a row has instead of two, and which separator it has instead of a comma."""
    count = f"{len(cells)} column{'' if len(cells) == 1 else 's'} instead of 2"
    other = next((name for mark, name in _SEPARATORS.items() if len(cells) == 1 and mark in cells[0]), None)
    return f"{count}, separated by {other} instead of a comma" if other else count


def week_of(rows: Iterable[tuple[str, str, str | float]], source: str) -> WeekTraffic:
    """The week in rows of (place for messages, hours, rate); UsageError if one is wrong, missing or twice there."""
    rates: dict[int, float] = {}
    for number, (place, hours, written) in enumerate(rows):
        if number >= _MOST_ROWS:
            raise UsageError(f"{source}: more than {_MOST_ROWS:,} rows", hint=_HINT)
        rate = _rate(place, written)
        for hour in _hours(place, hours):
            if hour in rates:
                raise UsageError(f"{place}: {hour_name(hour)} has a rate already", hint=_HINT)
            rates[hour] = rate
    missing = list(hour_ranges(hour for hour in range(HOURS) if hour not in rates))
    if missing:
        more = f" and {len(missing) - _SHOWN} more ranges" if len(missing) > _SHOWN else ""
        raise UsageError(f"{source}: no rate for {', '.join(missing[:_SHOWN])}{more}", hint=_HINT)
    return WeekTraffic(tuple(rates[hour] for hour in range(HOURS)), source)


def _rate(place: str, written: str | float) -> float:
    try:
        rate = float(written)
    except ValueError:
        rate = math.nan
    if not 0 <= rate <= _MOST_RPS:
        raise UsageError(f"{place}: {str(written)!r} is not a rate from 0 to {_MOST_RPS:,.0f}", hint=_HINT)
    return rate


def _hours(place: str, text: str) -> Iterator[int]:
    found = _ROW.fullmatch(text.strip())
    days = [found[1].title(), (found[2] or found[1]).title()] if found else []
    if found is None or not set(days) <= set(_DAYS):
        raise UsageError(f"{place}: {text!r} is not a range of hours", hint=_HINT)
    first, last = (_DAYS.index(day) for day in days)
    start = int(found[3])
    end = int(found[4]) if found[4] else start + 1
    if last < first or not start < end <= 24:  # noqa: PLR2004 - hours of a day
        raise UsageError(f"{place}: {text!r} ends before it starts, or after 24:00", hint=_HINT)
    yield from (day * 24 + hour for day in range(first, last + 1) for hour in range(start, end))
