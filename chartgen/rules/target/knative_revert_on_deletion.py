"""revertOnDeletion on a Knative Canary: deleting it kills Flagger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.rule import CLUSTER_WIDE, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class KnativeRevertOnDeletion(CanaryRule):
    id = "knative-revert-on-deletion"
    severity = Severity.ERROR
    summary = "revertOnDeletion on a Knative Canary, whose deletion crashes Flagger"
    tags = ("providers", CLUSTER_WIDE)
    fixes = (Safety.SAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        at = ("spec", "revertOnDeletion")
        knative = canary.fields.knative_target and canary.provider(self.cluster) == "knative"
        if knative and canary.field("revertOnDeletion") is True:
            yield Problem(
                "when this Canary is deleted, the whole Flagger process crashes while it reverts the Knative Service, "
                "and every rollout in the cluster waits for its restart; set it to false",
                at=at,
                fix=set_value(at, False, Safety.SAFE),
            )
