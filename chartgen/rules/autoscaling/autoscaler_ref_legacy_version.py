"""A removed API version in autoscalerRef, which Flagger ignores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class AutoscalerRefLegacyVersion(CanaryRule):
    id = "autoscaler-ref-legacy-version"
    severity = Severity.INFO
    summary = "removed API version in autoscalerRef, which Flagger ignores"
    tags = ("scaling",)
    fixes = (Safety.SAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        version = str(canary.field("autoscalerRef", "apiVersion") or "")
        if version.startswith("autoscaling/v2beta"):
            yield Problem(
                f"Flagger ignores apiVersion {version} and always uses autoscaling/v2; make sure that the HPA itself "
                "uses it",
                at=("spec", "autoscalerRef", "apiVersion"),
                fix=set_value(("spec", "autoscalerRef", "apiVersion"), "autoscaling/v2"),
            )
