"""An Ingress outside the mesh that routes to the apex Service: its users never reach the canary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.flagger.providers import provider_of
from chartgen.patterns import lazy_pattern
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, ingress_backends
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


# What says which controller serves an Ingress.
_CLASS = lazy_pattern(r"^(?!None )\S|ingress\.class|\b(?:nginx|haproxy|traefik|alb|contour|kong)\b", re.IGNORECASE)
_IN_MESH = lazy_pattern(r"istio|linkerd|service-upstream|l5d|mesh", re.IGNORECASE)


class IngressInFrontIsNotInMesh(CanaryRule):
    id = "ingress-in-front-is-not-in-mesh"
    severity = Severity.ERROR
    summary = "Ingress that bypasses the mesh and its traffic split"
    tags = ("providers", "routing")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        provider = canary.provider(self.cluster)
        if not provider_of(provider).mesh:
            return
        has_gateway = any(gateway != "mesh" for gateway in canary.gateways)
        for ingress in in_same_namespace(canary.manifest, rendering, "Ingress"):
            in_mesh = _IN_MESH.search(
                f"{ingress.get(('spec', 'ingressClassName'))} {ingress.get(('metadata', 'annotations'))}"
            )
            if in_mesh or not any(backend == canary.apex for _, backend in ingress_backends(ingress)):
                continue
            if _CLASS.search(f"{ingress.get(('spec', 'ingressClassName'))} {ingress.get(('metadata', 'annotations'))}"):
                message = f"bypasses the {provider} mesh on its way to {canary.apex}: its users never reach the canary"
                severity = Severity.WARNING if has_gateway else None
            else:
                message = (
                    f"names no class, and the default one may bypass the {provider} mesh on its way to {canary.apex}: "
                    "its users may never reach the canary"
                )
                severity = Severity.WARNING
            yield Problem(
                f"Ingress {ingress.name} {message}, and the canary's metrics may have no values",
                at=("kind",),
                severity=severity,
                manifest=ingress,
            )
