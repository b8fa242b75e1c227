"""A chart that Helm fails to render."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.helm.request import ValueSources
from chartgen.rules.reading.helm_errors import gist, missing_value, wrong_dot
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
            if _has_own_rule(failure, releases):
                continue
            if _needs_values(failure, releases):
                yield problem_of(failure, "the chart with its default values", Severity.INFO)
            else:
                yield problem_of(failure)


def problem_of(failure: FailedRelease, what: str = "the chart", severity: Severity | None = None) -> Problem:
    """Helm's error, at the template line it names, or where a template passes the wrong dot."""
    error = failure.error
    dot = wrong_dot(error)
    if dot:
        message = (
            f"Helm fails to render {what}: {dot.expression} is read where the dot isn't the root context, whatever the "
            f"values are ({gist(error)}); inside with and range, write $ instead of the dot"
        )
        location = FileLocation(dot.path, dot.line, dot.column)
        return Problem(message, source=location, severity=severity, releases=(failure.label,))
    location = FileLocation(error.template or "Chart.yaml", error.line, error.column)
    message = f"Helm fails to render {what}: {gist(error)}"
    return Problem(message, source=location, severity=severity, releases=(failure.label,))


def _needs_values(failure: FailedRelease, releases: Releases) -> bool:
    """Whether only the chart's defaults fail, and a values file beside it renders."""
    defaults = ValueSources()
    others = (rendering.request.sources != defaults for rendering in releases.renderings)
    return failure.request.sources == defaults and any(others)


def _has_own_rule(failure: FailedRelease, releases: Releases) -> bool:
    """Whether values-defaults-missing reports it: a value without a default that only the switch needs."""
    switched_off_renders = any(rendering.switched is not True for rendering in releases.renderings)
    from_switch = switched_off_renders and failure.is_caused_by_switch(releases.failures)
    return from_switch and missing_value(failure.error) is not None
