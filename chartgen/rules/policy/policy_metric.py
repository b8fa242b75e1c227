"""A metric the policy asks for that is missing, or whose range is wider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.policy_rule import PolicyRule
from chartgen.rules.reading.canary import number
from chartgen.rules.rule import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.organization_policy import RequiredMetric
    from chartgen.rules.reading.canary import Canary, Metric


class PolicyMetric(PolicyRule):
    id = "policy-metric"
    summary = "metric required by the policy that is missing or too lenient"

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for demand in self.policy.metrics:
            found = [metric for metric in canary.metrics if metric.name == demand.name]
            if not found:
                at = canary.at("metrics") if canary.analysis.get("metrics") else canary.at()
                yield Problem(
                    f"the policy asks for the metric {demand.name}, the analysis has none of that name", at=at
                )
            for metric in found:
                yield from _too_lenient(metric, demand)


def _too_lenient(metric: Metric, demand: RequiredMetric) -> Iterator[Problem]:
    given = metric.range or {}
    if not metric.range and number(metric.body.get("threshold")) is not None:
        # metrics.go: a threshold is the lower bound of the success rate and the upper one of all else.
        given = {"min" if metric.name == "request-success-rate" else "max": metric.body["threshold"]}
    for key, limit in (("min", demand.min), ("max", demand.max)):
        if limit is None:
            continue
        bound = number(given.get(key))
        if bound is None or (bound < limit if key == "min" else bound > limit):
            told = "has no" if bound is None else f"has {bound:g} as"
            strict = "at least" if key == "min" else "at most"
            at = (*metric.at, "thresholdRange", *((key,) if bound is not None else ()))
            yield Problem(f"{metric.name} {told} {key}, the policy asks for {strict} {limit:g}", at=at)
