"""An Ingress that routes to the Service of the canary's pods, of which there are none between rollouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.names import canary_ingress
from chartgen.flagger.providers import provider_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, ingress_backends
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class IngressRoutesToCanaryService(CanaryRule):
    id = "ingress-routes-to-canary-service"
    severity = Severity.WARNING
    summary = "Ingress that routes to the canary's own Service"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:

        provider = provider_of(canary.provider(self.cluster))
        service = canary.fields.names.canary_service
        if not canary.apex or canary.target_kind == "Service":
            return
        generated = canary_ingress(str(canary.field("ingressRef", "name")))
        for ingress in in_same_namespace(canary.manifest, rendering, "Ingress"):
            for at, backend in ingress_backends(ingress):
                if backend == service and ingress.name != generated:
                    merged = ", and ingress-nginx may not serve a Service of its canary Ingress a second time"
                    yield Problem(
                        f"Ingress {ingress.name} routes to Service {service}, which has no pods between rollouts: its "
                        f"users get errors{merged if provider.name == 'nginx' else ''}; route a preview to another "
                        "deployment of the app",
                        at=at,
                        manifest=ingress,
                    )
