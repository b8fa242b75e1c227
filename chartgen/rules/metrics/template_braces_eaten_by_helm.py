"""A query's `{{ namespace }}` that Helm evaluates instead of Flagger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern
from chartgen.rules.rule import ChartRule, FileLocation, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.rules.releases import Releases


# The names of metric.go:TemplateFunctions.
_FLAGGER_FUNCTIONS = ("name", "namespace", "target", "service", "ingress", "route", "interval", "variables")
_UNDEFINED = lazy_pattern(r'function "(\w+)" not defined')


class TemplateBracesEatenByHelm(ChartRule):
    id = "template-braces-eaten-by-helm"
    severity = Severity.ERROR
    summary = "metric query whose braces Helm evaluates"
    tags = ("helm", "metrics")

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        for failure in releases.failures:
            match = _UNDEFINED.search(failure.error.message)
            if match and match[1] in _FLAGGER_FUNCTIONS:
                name = match[1]
                yield Problem(
                    f"Helm evaluates Flagger's {{{{ {name} }}}} and fails to render the chart; write "
                    f'{{{{ "{{{{" }}}} {name} {{{{ "}}}}" }}}}',
                    source=FileLocation(failure.error.template or "Chart.yaml", failure.error.line),
                    releases=(failure.label,),
                )
