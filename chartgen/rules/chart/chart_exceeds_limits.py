"""A chart that needs more time or memory than Helm may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.rule import ChartRule, FileLocation, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.rules.releases import Releases


class ChartExceedsLimits(ChartRule):
    id = "chart-exceeds-limits"
    severity = Severity.ERROR
    summary = "chart that needs more time or memory than Helm may use"
    tags = ("helm",)

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        error = releases.exceeded
        if error:
            yield Problem(f"{error.message}: {error.hint}", source=FileLocation(error.template or "Chart.yaml"))
