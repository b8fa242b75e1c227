"""A metric required by the policy that is missing, or whose range is too wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.policy_rule import PolicyRule
from chartgen.rules.reading.canary import number
from chartgen.rules.rule import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.organization_policy import RequiredMetric
    from chartgen.rules.reading.canary import Canary, LocatedMetric


class PolicyMetric(PolicyRule):
    id = "policy-metric"
    summary = "metric required by the policy that is missing or too lenient"

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for required in self.policy.metrics:
            found = [metric for metric in canary.metrics if metric.name == required.name]
            if not found:
                at = canary.at("metrics") if canary.analysis.get("metrics") else canary.at()
                yield Problem(
                    f"the policy requires the metric {required.name}, and the analysis doesn't have it", at=at
                )
            for metric in found:
                yield from _too_lenient(metric, required)


def _too_lenient(metric: LocatedMetric, required: RequiredMetric) -> Iterator[Problem]:
    given = metric.range or {}
    if not metric.range and number(metric.body.get("threshold")) is not None:
        # scheduler_metrics.go: threshold is the lower bound of the success rate, and the upper bound of any other.
        given = {"min" if metric.name == "request-success-rate" else "max": metric.body["threshold"]}
    for key, limit in (("min", required.min), ("max", required.max)):
        if limit is None:
            continue
        bound = number(given.get(key))
        if bound is None or (bound < limit if key == "min" else bound > limit):
            fault = f"has no {key}" if bound is None else f"has {key} {bound:g}"
            limited = f"at least {limit:g}" if key == "min" else f"at most {limit:g}"
            at = (*metric.at, "thresholdRange", *((key,) if bound is not None else ()))
            yield Problem(f"metric {metric.name} {fault}, but the policy requires {limited}", at=at)
