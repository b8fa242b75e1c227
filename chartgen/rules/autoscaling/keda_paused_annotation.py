"""A paused ScaledObject, whose annotation Flagger copies to the primary's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import DeleteKey, Fix, Safety
from chartgen.rules.reading.neighbours import scalers_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_PAUSED = "autoscaling.keda.sh/paused-replicas"


class KedaPausedAnnotation(CanaryRule):
    id = "keda-paused-annotation"
    severity = Severity.ERROR
    summary = "paused ScaledObject that pins the primary's replicas"
    tags = ("scaling",)
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        for scaler in scalers_of(canary, rendering):
            at = ("metadata", "annotations", _PAUSED)
            if scaler.kind == "ScaledObject" and scaler.get(at) is not None:
                yield Problem(
                    f"Flagger copies {_PAUSED} to the primary's ScaledObject: the primary stays at {scaler.get(at)} "
                    "replicas",
                    at=at,
                    manifest=scaler,
                    fix=Fix("remove the annotation", (DeleteKey(at),), Safety.UNSAFE),
                )
