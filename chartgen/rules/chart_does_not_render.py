"""Helm refuses the chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.helm_errors import gist, missing_value
from chartgen.rules.rule import ChartRule, Problem, Severity, SourcePlace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.rules.releases import FailedRelease, Releases


class ChartDoesNotRender(ChartRule):
    id = "chart-does-not-render"
    severity = Severity.ERROR
    summary = "Helm refuses the chart"
    tags = ("helm",)

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        for failure in releases.failures:
            if not _is_told_elsewhere(failure, releases):
                yield problem_of(failure)


def problem_of(failure: FailedRelease) -> Problem:
    """Helm's error at the template line it names."""
    error = failure.error
    place = SourcePlace(error.template or "Chart.yaml", error.line, error.column)
    return Problem(f"Helm refuses the chart: {gist(error)}", source=place, releases=(failure.label,))


def _is_told_elsewhere(failure: FailedRelease, releases: Releases) -> bool:
    """A value without default that only the switch needs has a rule of its own."""
    switched_off_renders = any(one.switched is not True for one in releases.renderings)
    return failure.switched is True and switched_off_renders and missing_value(failure.error) is not None
