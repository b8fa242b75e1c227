"""Two autoscalers scale the Canary's target: Kubernetes or KEDA lets neither or only one of them work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import scalers_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

_ADOPTS = ("metadata", "annotations", "scaledobject.keda.sh/transfer-hpa-ownership")
_ADOPTED = ("spec", "advanced", "horizontalPodAutoscalerConfig", "name")


class TwoAutoscalersOnOneTarget(CanaryRule):
    id = "two-autoscalers-on-one-target"
    severity = Severity.ERROR
    summary = "two autoscalers that scale the same target"
    tags = ("scaling",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        named = canary.table("autoscalerRef")
        scalers = sorted(
            scalers_of(canary, rendering),
            key=lambda scaler: (named.get("kind"), named.get("name")) != (scaler.kind, scaler.name),
        )
        for other in scalers[1:]:
            first = scalers[0]
            if _takes_over(first, other) or _takes_over(other, first):
                continue
            yield Problem(
                f"{other.kind} {other.name} scales {canary.target}, and so does {first.kind} {first.name}: "
                f"{_effect(first, other)}; keep one of them",
                at=("spec", "scaleTargetRef", "name"),
                manifest=other,
            )


def _takes_over(scaled_object: Manifest, hpa: Manifest) -> bool:
    """Whether a ScaledObject makes an existing HPA its own."""
    return str(scaled_object.get(_ADOPTS)).lower() == "true" and scaled_object.get(_ADOPTED) == hpa.name


def _effect(first: Manifest, other: Manifest) -> str:
    if "ScaledObject" in {first.kind, other.kind}:
        return "KEDA's admission webhook rejects the ScaledObject, and without the webhook both change the replicas"
    return "Kubernetes reports AmbiguousSelector and scales by neither"
