"""A VirtualService of the chart with the apex name, or for a host of the Canary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_list
from chartgen.flagger.groups import GROUPS
from chartgen.flagger.providers import provider_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class VirtualserviceCollides(CanaryRule):
    id = "virtualservice-collides"
    severity = Severity.ERROR
    summary = "VirtualService of the chart that collides with Flagger's"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if provider_of(canary.provider(self.cluster)).route != "VirtualService" or canary.target_kind == "Service":
            return
        delegates = canary.service.get("delegation") is True
        for other in in_same_namespace(canary.manifest, rendering, "VirtualService"):
            if other.group != GROUPS[other.kind]:
                continue  # App Mesh and Gloo have a VirtualService, too
            shared = {str(host) for host in as_list(other.get(("spec", "hosts")))} & {
                *map(str, canary.hosts),
                canary.apex,
            }
            if other.name == canary.apex:
                yield Problem(
                    f"VirtualService {other.name} has the apex name: Flagger replaces it, and each upgrade restores it "
                    "and resets the weights, even in the middle of a run",
                    at=("kind",),
                    manifest=other,
                    # Outside a chart, it may exist only so that Flagger adopts it.
                    severity=None if rendering.chart.files else Severity.WARNING,
                )
            elif shared and not delegates:
                yield Problem(
                    f"VirtualService {other.name} also serves {min(shared)}: Istio uses only one of the two or merges "
                    "their rules, and the canary's weights may not apply",
                    at=("spec", "hosts"),
                    manifest=other,
                    severity=Severity.WARNING,
                )
