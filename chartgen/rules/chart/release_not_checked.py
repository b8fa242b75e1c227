"""A HelmRelease or an Argo CD Application: its chart and its values decide, and neither was rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.rule import ChartRule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.rules.releases import Releases
    from chartgen.rules.rule import Problem


class ReleaseNotChecked(ChartRule):
    """Reported by the linter, not by this check: there is no chart that it could be asked about."""

    id = "release-not-checked"
    severity = Severity.WARNING
    summary = "HelmRelease or Application that isn't checked"
    tags = ("helm",)
    has_examples = False

    def check_chart(self, releases: Releases) -> Iterator[Problem]:  # noqa: ARG002
        return iter(())
