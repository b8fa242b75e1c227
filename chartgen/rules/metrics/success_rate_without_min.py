"""request-success-rate without a lower bound: the check always passes, or fails for healthy services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.fix import Safety, rename
from chartgen.rules.reading.canary import Canary, number
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.fix import Fix
    from chartgen.rules.reading.canary import LocatedMetric


class SuccessRateWithoutMin(Rule):
    id = "success-rate-without-min"
    severity = Severity.ERROR
    summary = "success rate without a lower bound, which always passes"
    tags = ("metrics",)
    fixes = (Safety.UNSAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for metric in Canary(manifest).metrics:
            if metric.name == "request-success-rate" and not _has_minimum(metric):
                effect = "passes no matter what you release"
                if metric.range and metric.range.get("max") is not None:
                    effect = "fails when the service is healthy, because max is an upper bound"
                yield Problem(
                    f"request-success-rate has no thresholdRange.min: the check {effect}",
                    at=(*metric.at, "thresholdRange" if metric.range is not None else "name"),
                    fix=_other_bound(metric),
                )


def _has_minimum(metric: LocatedMetric) -> bool:
    if metric.range is not None:
        return number(metric.range.get("min")) is not None
    return (number(metric.body.get("threshold")) or 0) > 0


def _other_bound(metric: LocatedMetric) -> Fix | None:
    """Rename max to min: the bounds were probably mixed up."""
    mixed_up = metric.range is not None and set(metric.range) == {"max"}
    return rename((*metric.at, "thresholdRange", "max"), "min", Safety.UNSAFE) if mixed_up else None
