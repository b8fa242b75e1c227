"""A Canary that renders by default, even on clusters without Flagger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.rule import ChartRule, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.rules.releases import Releases


class CanaryNotGuardedByCrdCheck(ChartRule):
    id = "canary-not-guarded-by-crd-check"
    severity = Severity.INFO
    summary = "Canary that renders by default, even on clusters without Flagger"
    tags = ("gating",)

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        if releases.namespaces or not releases.switch.on_by_default or not releases.switch.sites:
            return
        if any("Capabilities" in releases.chart.text(site.path) for site in releases.switch.sites):
            return
        for rendering in releases.with_canary:
            for canary in rendering.of_kind("Canary"):
                yield Problem(
                    "the Canary renders by default, in every namespace: on clusters without Flagger, the release fails "
                    'with "no matches for kind Canary"',
                    at=("kind",),
                    manifest=canary,
                )
            return
