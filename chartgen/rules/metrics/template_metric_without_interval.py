"""A template metric without an interval: the documented default doesn't apply to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_BACKENDS = {"datadog", "cloudwatch", "newrelic", "dynatrace", "splunk"}


class TemplateMetricWithoutInterval(CanaryRule):
    id = "template-metric-without-interval"
    severity = Severity.ERROR
    summary = "template metric without an interval, which leaves its window empty"
    tags = ("metrics",)
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        for metric in canary.metrics:
            if metric.template is None or metric.body.get("interval"):
                continue
            template = rendering.named("MetricTemplate", str(metric.template["name"]))
            if template is None or _needs_interval(template):
                yield Problem(
                    f"metric {metric.name} has no interval, and the default of 1m doesn't apply to templates: "
                    f"{_effect(template)}",
                    at=(*metric.at, "name"),
                    fix=set_value((*metric.at, "interval"), "1m", Safety.UNSAFE),
                    severity=Severity.WARNING if template is None else None,
                )


def _effect(template: Manifest | None) -> str:
    if template is None:
        return "if the query uses {{ interval }}, every check fails"
    return "the query gets an empty interval, and every check fails"


def _needs_interval(template: Manifest) -> bool:
    query = str(template.get(("spec", "query")) or "")
    return bool(re.search(r"\{\{-?\s*interval\b", query)) or template.get(("spec", "provider", "type")) in _BACKENDS
