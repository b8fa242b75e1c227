"""An HTTPRoute of the chart with the apex name, or for a host of the Canary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_list
from chartgen.flagger.providers import provider_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class HttprouteCollides(CanaryRule):
    id = "httproute-collides"
    severity = Severity.ERROR
    summary = "HTTPRoute in the chart that Flagger overwrites or that bypasses the weights"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if provider_of(canary.provider(self.cluster)).route != "HTTPRoute":
            return
        for other in in_same_namespace(canary.manifest, rendering, "HTTPRoute"):
            shared = {str(host) for host in as_list(other.get(("spec", "hostnames")))} & set(map(str, canary.hosts))
            if other.name == canary.apex:
                yield Problem(
                    f"HTTPRoute {other.name} has the apex name: Flagger overwrites its rules, and filters that the "
                    "Canary can't express are lost",
                    at=("kind",),
                    manifest=other,
                    # Outside a chart, it may exist only so that Flagger adopts it.
                    severity=None if rendering.chart.files else Severity.WARNING,
                )
            elif shared:
                yield Problem(
                    f"HTTPRoute {other.name} also serves {min(shared)} and bypasses the canary's weights",
                    at=("spec", "hostnames"),
                    manifest=other,
                    severity=Severity.WARNING,
                )
