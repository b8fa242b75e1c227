"""A value without a default: the chart renders with its canary off, and fails with it on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.helm_errors import gist, missing_value
from chartgen.rules.rule import ChartRule, FileLocation, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.rules.releases import Releases


class ValuesDefaultsMissing(ChartRule):
    id = "values-defaults-missing"
    severity = Severity.WARNING
    summary = "value without a default that breaks the chart when its canary is switched on"
    tags = ("helm", "values")

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        if not any(rendering.switched is not True for rendering in releases.renderings):
            return
        for failure in releases.failures:
            missing = missing_value(failure.error) if failure.is_caused_by_switch(releases.failures) else None
            if missing is None:
                continue
            reason = gist(failure.error).removeprefix(f"{missing}: ")
            location = FileLocation(failure.error.template or "Chart.yaml", failure.error.line, failure.error.column)
            yield Problem(
                f"{missing} has no default: with the canary on, Helm fails to render the chart ({reason})",
                source=location,
                releases=(failure.label,),
            )
