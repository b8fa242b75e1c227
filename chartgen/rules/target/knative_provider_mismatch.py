"""A Knative target without its provider, or the reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class KnativeProviderMismatch(CanaryRule):
    id = "knative-provider-mismatch"
    severity = Severity.ERROR
    summary = "Knative target without provider knative, or the reverse"
    tags = ("providers", "references")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        of_knative = (
            canary.target_kind == "Service" and canary.field("targetRef", "apiVersion") == "serving.knative.dev/v1"
        )
        by_knative = canary.field("provider") == "knative"
        if of_knative != by_knative:
            yield Problem(
                "a Knative Service as target and provider: knative in the Canary itself belong together: Flagger never "
                "schedules the one without the other, and only its log says so",
                at=("spec", "provider") if by_knative else ("spec", "targetRef"),
            )
        elif by_knative and canary.field("autoscalerRef"):
            yield Problem(
                "a Knative Canary may have no autoscalerRef: it is never scheduled", at=("spec", "autoscalerRef")
            )
