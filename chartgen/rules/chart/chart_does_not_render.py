"""Helm refuses the chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.helm.request import ValueSources
from chartgen.rules.reading.helm_errors import gist, missing_value
from chartgen.rules.rule import ChartRule, FileLocation, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.rules.releases import FailedRelease, Releases


class ChartDoesNotRender(ChartRule):
    id = "chart-does-not-render"
    severity = Severity.ERROR
    summary = "chart that Helm fails to render"
    tags = ("helm",)

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        for failure in releases.failures:
            if _is_told_elsewhere(failure, releases):
                continue
            if _needs_values(failure, releases):
                yield problem_of(failure, "the chart's defaults alone", Severity.INFO)
            else:
                yield problem_of(failure)


def problem_of(failure: FailedRelease, what: str = "the chart", severity: Severity | None = None) -> Problem:
    """Helm's error at the template line it names."""
    error = failure.error
    place = FileLocation(error.template or "Chart.yaml", error.line, error.column)
    told = f"Helm refuses {what}: {gist(error)}"
    return Problem(told, source=place, severity=severity, releases=(failure.label,))


def _needs_values(failure: FailedRelease, releases: Releases) -> bool:
    """Whether it is the chart's defaults that do not render, and one of the values files beside it does."""
    defaults = ValueSources()
    return failure.request.sources == defaults and any(one.request.sources != defaults for one in releases.renderings)


def _is_told_elsewhere(failure: FailedRelease, releases: Releases) -> bool:
    """A value without default that only the switch needs has a rule of its own."""
    switched_off_renders = any(one.switched is not True for one in releases.renderings)
    of_switch = switched_off_renders and failure.is_caused_by_switch(releases.failures)
    return of_switch and missing_value(failure.error) is not None
