"""The release's own object under a name that Flagger generates: each overwrites the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import read_canary
from chartgen.flagger.crd import NEWEST
from chartgen.flagger.generated import generated_objects
from chartgen.manifests.namespaced import body_with_namespace
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.flagger.generated import GeneratedObject
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class GeneratedObjectCollides(CanaryRule):
    id = "generated-object-collides"
    severity = Severity.ERROR
    summary = "object with a name that Flagger generates"
    tags = ("routing", "references")
    yields_to = ("route-without-weights",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        for generated in self._generated(canary, rendering):
            near = in_same_namespace(canary.manifest, rendering, generated.kind)
            for other in near if generated.namespaced else rendering.of_kind(generated.kind):
                if other.name == generated.name and other.group == generated.group:
                    yield Problem(
                        f"{generated.kind} {generated.name} has the name of the one that Flagger generates: Flagger "
                        "overwrites it, and each upgrade puts it back, also during a rollout; give it another name",
                        at=("metadata", "name"),
                        manifest=other,
                        # Outside a chart it may be there to be taken over once.
                        severity=None if rendering.chart.files else Severity.WARNING,
                    )

    def _generated(self, canary: Canary, rendering: Rendering) -> Iterator[GeneratedObject]:
        """Without those of other rules: Services, VirtualServices and HTTPRoutes of the apex name."""
        target = target_of(canary, rendering)
        names = canary.fields.names
        elsewhere = {("VirtualService", names.apex), ("HTTPRoute", names.apex), ("Service", names.apex)}
        if rendering.chart.files and canary.target_kind != "Service":
            elsewhere |= {("Service", names.primary_service), ("Service", names.canary_service)}
        fields = read_canary(body_with_namespace(canary.manifest, rendering.request.namespace))
        flagger, provider = self.cluster.flagger or NEWEST, canary.provider(self.cluster)
        for generated in generated_objects(fields, target.body if target else None, flagger, provider):
            if (generated.kind, generated.name) not in elsewhere:
                yield generated
