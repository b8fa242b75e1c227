"""A template or query under a builtin name: Flagger runs both checks against the same range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class BuiltinNameWithTemplate(CanaryRule):
    id = "builtin-name-with-template"
    severity = Severity.WARNING
    summary = "metric template or query with the name of a builtin metric"
    tags = ("metrics",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for metric in canary.metrics:
            if metric.is_builtin and (metric.template is not None or metric.body.get("query")):
                yield Problem(
                    f"{metric.name} is a builtin name: Flagger runs the builtin check too, against the same range; "
                    "rename the metric",
                    at=(*metric.at, "name"),
                )
