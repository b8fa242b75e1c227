"""A metric whose MetricTemplate is neither rendered nor listed in the cluster profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import namespace_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class TemplateRefNotFound(CanaryRule):
    id = "template-ref-not-found"
    severity = Severity.ERROR
    summary = "metric whose MetricTemplate isn't found"
    tags = ("references", "metrics")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if not rendering.chart.files:
            return
        home = namespace_of(canary.manifest, rendering)
        templates = rendering.of_kind("MetricTemplate")
        rendered = {(template.name, namespace_of(template, rendering)) for template in templates}
        for metric in canary.metrics:
            if metric.template is None:
                continue
            name, namespace = str(metric.template["name"]), str(metric.template.get("namespace") or home)
            known = {name, f"{namespace}/{name}"} & set(self.cluster.metric_templates)
            if known or (name, namespace) in rendered:
                continue
            in_other_namespace = namespace != home
            advice = "; list it in the cluster profile if it exists already" if in_other_namespace else ""
            yield Problem(
                f"the release doesn't render MetricTemplate {namespace}/{name}: if the cluster doesn't have it, every "
                f"check fails{advice}",
                at=(*metric.at, "templateRef", "name"),
                severity=Severity.WARNING if in_other_namespace else None,
                once=in_other_namespace,
            )
