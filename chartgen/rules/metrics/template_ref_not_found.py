"""A metric's template that nobody renders."""

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
        rendered = {(one.name, namespace_of(one, rendering)) for one in rendering.of_kind("MetricTemplate")}
        for metric in canary.metrics:
            if metric.template is None:
                continue
            name, namespace = str(metric.template["name"]), str(metric.template.get("namespace") or home)
            known = {name, f"{namespace}/{name}"} & set(self.cluster.metric_templates)
            if known or (name, namespace) in rendered:
                continue
            elsewhere = namespace != home
            hint = "; list it in the cluster profile where it is there already" if elsewhere else ""
            yield Problem(
                f"MetricTemplate {namespace}/{name} is not rendered: where it is missing each check fails{hint}",
                at=(*metric.at, "templateRef", "name"),
                severity=Severity.WARNING if elsewhere else None,
            )
