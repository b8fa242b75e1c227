"""A Knative Service and its Canary in one release: Flagger may see it before its first revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, is_knative
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class KnativeFirstRevision(CanaryRule):
    id = "knative-first-revision"
    severity = Severity.INFO
    summary = "Knative Service that is installed together with its Canary"
    tags = ("providers",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if not canary.fields.knative_target or canary.provider(self.cluster) != "knative":
            return
        services = in_same_namespace(canary.manifest, rendering, "Service")
        if any(is_knative(service) and service.name == canary.target for service in services):
            yield Problem(
                f"if Flagger sees the Canary before Knative has named the first revision of {canary.target}, Flagger "
                "notes an empty name, and no release may ever begin; at the first installation, switch the Canary on "
                "when the Service is ready",
                at=("spec", "targetRef", "name"),
            )
