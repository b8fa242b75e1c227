"""A field in service.trafficPolicy that Flagger's CRD doesn't have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.claim import below
from chartgen.rules.fix import Safety
from chartgen.rules.reading.spelling import renamed_as_meant
from chartgen.rules.reading.verdicts import pruned
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class TrafficPolicyFieldPruned(Rule):
    id = "traffic-policy-field-pruned"
    severity = Severity.ERROR
    summary = "trafficPolicy field of Istio that the API server drops"
    tags = ("istio", "api")
    dropped = below("spec", "service", "trafficPolicy")
    fixes = (Safety.SAFE,)
    yields_to = ("canary-values-schema",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for route in pruned(manifest, self.cluster, self.id):
            field = ".".join(str(step) for step in route[2:])
            fix = renamed_as_meant(manifest, route, self.cluster)
            yield Problem(
                f"Flagger's CRD doesn't have {field}: the API server drops it, and it has no effect", at=route, fix=fix
            )
