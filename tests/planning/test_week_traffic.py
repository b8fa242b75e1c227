"""The traffic of a week: its format, what is wrong with one, and when a release should not start."""

from __future__ import annotations

import pytest

from chartgen.errors import UsageError
from chartgen.planning.release_hours import ReleaseHours
from chartgen.planning.week_traffic import HOURS, WeekTraffic, hour_name, hour_ranges, week_of, week_of_csv

WEEK = "hours,rps\nMon-Fri 00:00-24:00,5\nSat 00:00-24:00,2.5\nSun 00:00-23:00,1\nSun 23:00,0.5\n"


def test_a_week_has_a_rate_for_each_hour() -> None:
    week = week_of_csv(WEEK, "week.csv")
    assert len(week.rates) == HOURS
    assert (week.rates[0], week.rates[5 * 24], week.rates[-2], week.rates[-1]) == (5, 2.5, 1, 0.5)
    assert (hour_name(week.quietest), hour_name(week.busiest)) == ("Sun 23:00", "Mon 00:00")
    assert week.during(HOURS - 1, 600) == (0.5, 5)
    assert week.during(0, 3600) == (5, 5)


def test_a_row_for_each_hour_is_the_same_as_ranges() -> None:
    week = week_of_csv(WEEK, "week.csv")
    rows = "".join(f"{hour_name(hour)}, {rate}\n" for hour, rate in enumerate(week.rates))
    assert week_of_csv(rows, "week.csv") == week
    mapping = [("hours", *line.split(",")) for line in WEEK.splitlines()[1:]]
    assert week_of(((place, hours, float(rate)) for place, hours, rate in mapping), "week.csv") == week


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no rate for the whole week"),
        ("Mon-Fri 00:00-24:00,5\n", "no rate for Sat 00:00 to Mon 00:00"),
        (WEEK + "Tue 03:00,1\n", "week.csv:6: Tue 03:00 has a rate already"),
        (WEEK.replace("2.5", "many"), "week.csv:3: 'many' is not a rate"),
        (WEEK.replace("2.5", "nan"), "week.csv:3: 'nan' is not a rate"),
        (WEEK.replace("2.5", "-1"), "week.csv:3: '-1' is not a rate"),
        (WEEK.replace("2.5", "1e9"), "week.csv:3: '1e9' is not a rate"),
        (WEEK.replace("Sat", "Sxt"), "week.csv:3: 'Sxt 00:00-24:00' is not a range of hours"),
        (WEEK.replace("Mon-Fri", "Fri-Mon"), "ends before it starts"),
        (WEEK.replace("00:00-23:00", "05:00-25:00"), "ends before it starts, or after 24:00"),
        (WEEK.replace(",1\n", ",1,x\n"), "week.csv:4: 3 columns instead of 2"),
        (WEEK.replace(",", ";"), "week.csv:1: 1 column instead of 2, separated by a semicolon instead of a comma"),
        (WEEK.replace(",", "\t"), "week.csv:1: 1 column instead of 2, separated by a tab instead of a comma"),
        ('"Mon', "not valid CSV"),
    ],
)
def test_a_wrong_week_is_rejected_with_its_line(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        week_of_csv(text, "week.csv")
    assert refused.value.hint


def test_hours_are_shown_as_ranges_over_the_end_of_the_week() -> None:
    assert list(hour_ranges([0, 1, 30, HOURS - 1])) == ["Sun 23:00 to Mon 02:00", "Tue 06:00 to Tue 07:00"]
    assert list(hour_ranges(range(HOURS))) == ["the whole week"]
    assert list(hour_ranges([])) == []


def test_the_sentence_says_when_and_why() -> None:
    week = WeekTraffic((1.0,) * 100 + (9.0,) * 68, "week.csv")
    hours = ReleaseHours(week, (0, 1), lowest_rps=None, highest_rps=4.0, reasons=("too few", "too many"))
    assert hours.sentence == "a release should not start from Mon 00:00 to Mon 02:00: too few; too many"
    assert "any hour" in ReleaseHours(week, (), 1.0, 9.0).sentence
    everywhere = ReleaseHours(week, tuple(range(HOURS)), None, 9.0, ("too few",)).sentence
    assert everywhere == "a release should not start at any hour of the week: too few"


def test_hours_name_their_rate() -> None:
    week = WeekTraffic((1.0,) + (9.0,) * 167, "week.csv")
    assert week.in_quietest == "in the quietest hour (Mon 00:00, 1 request per second)"
    assert week.in_busiest == "in the busiest hour (Mon 01:00, 9 requests per second)"
    assert week.scaled(0.5).rates == (0.5,) + (4.5,) * 167
