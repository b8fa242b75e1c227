"""The referenced Ingress leads to another Service than the apex: Flagger never gets past it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import INGRESS, provider_of
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import beside, ingress_backends
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class IngressBackendNotApex(Rule):
    id = "ingress-backend-not-apex"
    severity = Severity.ERROR
    summary = "Ingress that doesn't route to the apex Service"
    tags = ("references", "providers")

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        canary = Canary(manifest)
        if provider_of(canary.provider(self.cluster)).reference != INGRESS:
            return
        for ingress in beside(manifest, rendering, "Ingress"):
            if ingress.name != canary.field("ingressRef", "name"):
                continue
            backends = list(ingress_backends(ingress))
            if backends and canary.apex not in {name for _, name in backends}:
                at, name = backends[0]
                yield Problem(
                    f"backend {name} is not the apex Service {canary.apex}: Flagger stops at this Ingress in every "
                    "tick, with the target already at zero",
                    at=at,
                    manifest=ingress,
                )
