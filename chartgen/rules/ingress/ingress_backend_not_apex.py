"""An Ingress without a path to the apex Service: Flagger fails at every tick."""

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
                    f"backend {name} isn't the apex Service {canary.apex}: Flagger scales the target to zero and then "
                    "fails at every tick",
                    at=at,
                    manifest=ingress,
                )
