"""A query that is 0 without any traffic, of which only a maximum is checked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.queries import query_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_ZERO = re.compile(r"\bor\s+(?:on\s*\(\s*\)\s*)?vector\(\s*0+(?:\.0+)?\s*\)", re.IGNORECASE)


class QueryZeroWithoutTraffic(CanaryRule):
    id = "query-zero-without-traffic"
    severity = Severity.INFO
    summary = "query whose maximum is never reached without traffic"
    tags = ("metrics",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:

        for metric in canary.metrics if canary.analyses else ():
            query = query_of(metric, canary, rendering)
            limits = metric.range or {}
            if query and _ZERO.search(query.text) and "min" not in limits and "max" in limits:
                yield Problem(
                    f"the query of metric {metric.name} falls back to vector(0), and thresholdRange has only a max: "
                    "the check passes without any traffic; check that there are requests with another metric",
                    at=query.at,
                    manifest=query.manifest,
                )
