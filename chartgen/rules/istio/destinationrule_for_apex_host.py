"""A DestinationRule that Flagger overwrites, or whose host gets no traffic while the canary is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.hosts import namespace_in, short_name
from chartgen.rules.reading.neighbours import in_same_namespace
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class DestinationruleForApexHost(CanaryRule):
    id = "destinationrule-for-apex-host"
    severity = Severity.WARNING
    summary = "DestinationRule that no longer applies while the canary is on"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if canary.provider(self.cluster) != "istio" or not canary.apex:
            return
        for rule in in_same_namespace(canary.manifest, rendering, "DestinationRule"):
            host = str(rule.get(("spec", "host")) or "")
            if rule.name in {f"{canary.apex}-primary", f"{canary.apex}-canary"}:
                yield Problem(
                    f"Flagger owns DestinationRule {rule.name} and overwrites it",
                    at=("metadata", "name"),
                    manifest=rule,
                )
            elif short_name(host) == canary.apex and (host == canary.apex or namespace_in(host) is not None):
                yield Problem(
                    f"DestinationRule {rule.name} doesn't apply while the canary is on, because traffic goes to "
                    f"{canary.apex}-primary and {canary.apex}-canary instead of {host}; use service.trafficPolicy",
                    at=("spec", "host"),
                    manifest=rule,
                )
