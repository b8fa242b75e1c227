"""A Knative Service as the target without provider knative, or the reverse."""

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
        of_knative = canary.fields.knative_target
        by_knative = canary.field("provider") == "knative"
        if of_knative != by_knative:
            fault = (
                "provider knative requires a Knative Service as the target"
                if by_knative
                else "a Knative Service as the target requires provider: knative in the Canary itself"
            )
            yield Problem(
                f"{fault}: Flagger never schedules the Canary and reports it only in its log",
                at=("spec", "provider") if by_knative else ("spec", "targetRef"),
            )
        elif by_knative and canary.field("autoscalerRef"):
            yield Problem(
                "provider knative doesn't support autoscalerRef: Flagger never schedules the Canary and reports it "
                "only in its log",
                at=("spec", "autoscalerRef"),
            )
