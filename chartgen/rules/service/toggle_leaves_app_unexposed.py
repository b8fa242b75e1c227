"""An Ingress whose backend Service doesn't exist while the canary is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, ingress_backends
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
        canary_off = without_canary(canary, rendering)
        created = {canary.apex, f"{canary.apex}-primary", f"{canary.apex}-canary"}
        if canary_off is None:
            return
        for ingress in in_same_namespace(canary.manifest, rendering, "Ingress"):
            for at, name in ingress_backends(ingress):
                if name in created or rendering.named("Service", name):
                    continue
                # A backend that neither release renders is somebody else's, or none: ALB's use-annotation.
                if canary_off.named("Service", name) is not None:
                    yield Problem(
                        f"Ingress {ingress.name} routes to Service {name}, which the release renders only while the "
                        f"canary is off: Flagger serves the app as {canary.apex}",
                        at=at,
                        manifest=ingress,
                    )
