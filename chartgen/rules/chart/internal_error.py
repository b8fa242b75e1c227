"""chartgen itself failed on a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.rule import ChartRule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.rules.releases import Releases
    from chartgen.rules.rule import Problem


class InternalError(ChartRule):
    """Reported by the linter, not by this check: it never gets as far as the rules."""

    id = "internal-error"
    severity = Severity.ERROR
    summary = "chart on which chartgen itself failed"
    tags = ("helm",)
    has_examples = False

    def check_chart(self, releases: Releases) -> Iterator[Problem]:  # noqa: ARG002
        return iter(())
