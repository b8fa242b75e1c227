"""corsPolicy.allowOrigins, which Flagger's Gateway API router ignores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class GatewayapiCorsAllowOrigins(CanaryRule):
    id = "gatewayapi-cors-allow-origins"
    severity = Severity.WARNING
    summary = "corsPolicy.allowOrigins, which Flagger ignores with the Gateway API"
    tags = ("routing", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        origins = canary.field("service", "corsPolicy", "allowOrigins")
        if canary.provider(self.cluster).startswith("gatewayapi") and origins:
            yield Problem(
                "Flagger ignores allowOrigins with the Gateway API: cross-origin requests may fail; use allowOrigin",
                at=("spec", "service", "corsPolicy", "allowOrigins"),
            )
