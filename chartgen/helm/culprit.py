"""Finding the template that makes a chart exceed its limits, by rendering each one alone for a short time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.charts.chart import Chart

_SECONDS_EACH = 0.5
_SECONDS_IN_ALL = 2.0


def culprit(chart: Chart, exceeds: Callable[[Chart, float], bool]) -> str | None:
    """The template's path as Helm prints it (`<chart name>/templates/…`); None if no single one is found in time.

    `exceeds(chart, seconds)` returns whether the chart exceeds a limit, with `seconds` as the time limit.
    """
    templates = [path for path in chart.files if path.startswith("templates/") and _prints(path)]
    end = time.monotonic() + _SECONDS_IN_ALL
    for path, alone in _each_alone(chart, templates):
        if time.monotonic() > end:
            return None
        if exceeds(alone, _SECONDS_EACH):
            return f"{chart.name}/{path}"
    return None


def _prints(path: str) -> bool:
    return path.endswith((".yaml", ".yml", ".txt", ".json")) and not path.rsplit("/", 1)[-1].startswith("_")


def _each_alone(chart: Chart, templates: list[str]) -> Iterator[tuple[str, Chart]]:
    for path in templates:
        others = {other: b"" for other in templates if other != path}
        yield path, chart.with_files(others)
