"""The same chart with its canary off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.neighbours import pod_labels, selects, target_of

if TYPE_CHECKING:
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


def without_canary(canary: Canary, rendering: Rendering) -> Rendering | None:
    """A sibling with the same workload and without the Canary, the same namespace preferred."""
    others = [
        sibling
        for sibling in rendering.siblings
        if not any(other.name == canary.name for other in sibling.of_kind("Canary"))
        and sibling.request.sources == rendering.request.sources
        and sibling.named(canary.target_kind, canary.target) is not None
    ]
    others.sort(key=lambda sibling: sibling.request.namespace != rendering.request.namespace)
    return others[0] if others else None


def front_services(canary: Canary, rendering: Rendering, off: Rendering) -> list[Manifest]:
    """The Services in front of the target while the canary is off."""
    target = target_of(canary, rendering)
    if target is None:
        return []
    labels = pod_labels(target)
    return [service for service in off.of_kind("Service") if selects(service.get(("spec", "selector")), labels)]
