"""With the canary on, an Ingress leads to a Service that nobody makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import beside, ingress_backends
from chartgen.rules.reading.without_canary import without_canary
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ToggleLeavesAppUnexposed(CanaryRule):
    id = "toggle-leaves-app-unexposed"
    severity = Severity.ERROR
    summary = "Ingress whose Service disappears when the canary is switched on"
    tags = ("services", "routing")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        off = without_canary(canary, rendering)
        made = {canary.apex, f"{canary.apex}-primary", f"{canary.apex}-canary"}
        if off is None:
            return
        for ingress in beside(canary.manifest, rendering, "Ingress"):
            for at, name in ingress_backends(ingress):
                if name in made or rendering.named("Service", name):
                    continue
                before = off.named("Service", name)
                told = "rendered only while the canary is off" if before else "rendered by nobody"
                yield Problem(
                    f"Ingress {ingress.name} leads to Service {name}, {told}; Flagger serves the app as {canary.apex}",
                    at=at,
                    manifest=ingress,
                    severity=None if before else Severity.WARNING,
                )
