"""A query copied from a dashboard: nobody replaces its $variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern
from chartgen.rules.reading.prometheus_queries import queries_at
from chartgen.rules.reading.promql import all_of, matchers_of, name_of
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

_VARIABLE = lazy_pattern(r"\$(?:\{\w+(?::\w+)?\}|[A-Za-z_]\w*)")


class QueryWithDashboardVariable(Rule):
    id = "query-with-dashboard-variable"
    severity = Severity.WARNING
    summary = "query with a dashboard's $variable, which nothing replaces"
    kinds = ("MetricTemplate", "Canary")
    tags = ("metrics",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        for query in queries_at(manifest, rendering):
            selectors = [each for each in all_of(query.expression) if name_of(each) == "VectorSelector"]
            values = [value for each in selectors for _, how, value in matchers_of(each) if how in {"Equal", "Re"}]
            found = next(filter(None, map(_VARIABLE.search, values)), None)
            if found:
                word = found[0].strip("${}").partition(":")[0]
                instead = word if word in {"namespace", "target", "service", "ingress", "interval"} else "target"
                yield Problem(
                    f"the query of {query.owner} contains {found[0]}, which a dashboard replaces but Flagger doesn't: "
                    f"no series may match, and then every check fails; write {{{{ {instead} }}}}",
                    at=query.at,
                )
                return
