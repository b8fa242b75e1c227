"""Session affinity that the provider or the strategy ignores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import provider_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class SessionAffinityUnsupported(CanaryRule):
    id = "session-affinity-unsupported"
    severity = Severity.WARNING
    summary = "sessionAffinity that the provider or strategy ignores"
    tags = ("strategy", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        provider = canary.provider(self.cluster)
        if not canary.analysis.get("sessionAffinity"):
            return
        if not provider_of(provider).affinity:
            yield Problem(
                f"provider {provider} ignores sessionAffinity: users jump between the versions",
                at=canary.at("sessionAffinity"),
            )
        elif canary.matches and provider == "istio":
            yield Problem("on Istio, match overwrites the routes of sessionAffinity", at=canary.at("sessionAffinity"))
