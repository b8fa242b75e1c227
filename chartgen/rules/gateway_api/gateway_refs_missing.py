"""A Gateway API Canary without gatewayRefs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_list
from chartgen.flagger.providers import GATEWAYS, provider_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class GatewayRefsMissing(CanaryRule):
    id = "gateway-refs-missing"
    severity = Severity.ERROR
    summary = "Gateway API Canary without gatewayRefs"
    tags = ("providers", "routing")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        provider = canary.provider(self.cluster)
        if provider_of(provider).reference == GATEWAYS and not as_list(canary.service.get("gatewayRefs")):
            yield Problem(
                f"provider {provider} requires service.gatewayRefs: Flagger scales the target to zero and then fails "
                "at every tick",
                at=("spec", "service"),
            )
