"""A Canary that renders outside the allowed namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.helm.request import ELSEWHERE
from chartgen.rules.rule import ChartRule, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.releases import Releases


class CanaryOutsideGatedNamespaces(ChartRule):
    id = "canary-outside-gated-namespaces"
    severity = Severity.WARNING
    summary = "Canary that renders outside the allowed namespaces"
    tags = ("gating",)
    yields_to = ("policy-placement",)

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        allowed = self.cluster.allowed_namespaces or releases.namespaces
        for rendering in releases.with_canary:
            for canary in rendering.of_kind("Canary"):
                # A gate checks the release's namespace, even if the chart puts its objects into another one.
                if allowed and not {canary.namespace, rendering.request.namespace} & set(allowed):
                    yield Problem(
                        f"Canary {canary.name} also renders outside {', '.join(allowed)}: without traffic or Flagger "
                        "there, releases stall or are rolled back",
                        at=("kind",),
                        manifest=canary,
                    )
                elif not allowed and _is_everywhere(rendering):
                    yield Problem(
                        f"Canary {canary.name} renders in every namespace: nothing limits it to those that Flagger "
                        "watches",
                        at=("kind",),
                        manifest=canary,
                        severity=Severity.INFO,
                    )


def _is_everywhere(rendering: Rendering) -> bool:
    """Whether it renders in a namespace that neither the chart nor the configuration names."""
    return rendering.request.namespace == ELSEWHERE
