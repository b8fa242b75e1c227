"""An Ingress with paths of other apps, which Flagger copies into the canary Ingress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import INGRESS, provider_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, ingress_backends
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class CanaryIngressCopiesOtherPaths(CanaryRule):
    id = "canary-ingress-copies-other-paths"
    severity = Severity.WARNING
    summary = "canary Ingress that also copies the paths of other apps"
    tags = ("routing", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if provider_of(canary.provider(self.cluster)).reference != INGRESS:
            return
        for ingress in in_same_namespace(canary.manifest, rendering, "Ingress"):
            backends = list(ingress_backends(ingress)) if ingress.name == canary.field("ingressRef", "name") else []
            others = [(at, name) for at, name in backends if name != canary.apex]
            if others and len(others) < len(backends):
                at, name = others[0]
                yield Problem(
                    f"Ingress {ingress.name} also routes to {name}: Flagger copies that path into the canary Ingress "
                    "too; give the app an Ingress of its own",
                    at=at,
                    manifest=ingress,
                )
