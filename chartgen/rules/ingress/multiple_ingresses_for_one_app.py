"""A second Ingress for the app, of which Flagger creates no canary copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.names import canary_ingress
from chartgen.flagger.providers import INGRESS, provider_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, ingress_backends
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class MultipleIngressesForOneApp(CanaryRule):
    id = "multiple-ingresses-for-one-app"
    severity = Severity.WARNING
    summary = "second Ingress whose users never reach the canary"
    tags = ("routing", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        referenced = canary.field("ingressRef", "name")
        if provider_of(canary.provider(self.cluster)).reference != INGRESS or not referenced:
            return
        for ingress in in_same_namespace(canary.manifest, rendering, "Ingress"):
            for at, backend in ingress_backends(ingress):
                if ingress.name not in {referenced, canary_ingress(str(referenced))} and backend == canary.apex:
                    yield Problem(
                        f"Ingress {ingress.name} also routes to {backend}, but ingressRef names only {referenced}: its "
                        "users never reach the canary",
                        at=at,
                        manifest=ingress,
                    )
                    break
