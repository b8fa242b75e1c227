"""An Ingress without a path to the apex Service: Flagger fails at every tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import INGRESS, provider_of
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import in_same_namespace, ingress_backends
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
        for ingress in in_same_namespace(manifest, rendering, "Ingress"):
            if ingress.name != canary.field("ingressRef", "name"):
                continue
            backends = list(ingress_backends(ingress))
            in_rules = {name for at, name in backends if at[1] == "rules"}
            if backends and canary.apex not in in_rules:
                at, name = backends[0]
                fault = (
                    f"only the default backend is the apex Service {name}, and Flagger reads only those in rules"
                    if name == canary.apex
                    else f"backend {name} isn't the apex Service {canary.apex}"
                )
                # skipper.go compares two pointers, so it never finds that the apex is missing.
                effect = (
                    "Flagger copies the Ingress without a split, and its users never reach the canary"
                    if canary.provider(self.cluster) == "skipper"
                    else "Flagger scales the target to zero and then fails at every tick"
                )
                yield Problem(
                    f"{fault}: {effect}",
                    at=at,
                    manifest=ingress,
                )
