"""request-duration without an upper bound: the check always fails, never fails, or fails for fast services."""

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


class DurationWithoutMax(Rule):
    id = "duration-without-max"
    severity = Severity.ERROR
    summary = "request-duration without an upper bound"
    tags = ("metrics",)
    fixes = (Safety.UNSAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for metric in Canary(manifest).metrics:
            if metric.name == "request-duration" and not _has_maximum(metric):
                yield Problem(
                    f"request-duration has no thresholdRange.max: {_effect(metric)}",
                    at=(*metric.at, "thresholdRange" if metric.range is not None else "name"),
                    fix=_other_bound(metric),
                )


def _has_maximum(metric: LocatedMetric) -> bool:
    if metric.range is not None:
        return number(metric.range.get("max")) is not None
    return (number(metric.body.get("threshold")) or 0) > 0


def _effect(metric: LocatedMetric) -> str:
    if metric.range is None:
        return "the limit is 0 ms, and every check fails"
    if metric.range.get("min") is not None:
        return "fast services fail, and slow ones pass"
    return "the check never fails"


def _other_bound(metric: LocatedMetric) -> Fix | None:
    """Rename min to max: the bounds were probably mixed up."""
    mixed_up = metric.range is not None and set(metric.range) == {"min"}
    return rename((*metric.at, "thresholdRange", "min"), "max", Safety.UNSAFE) if mixed_up else None
