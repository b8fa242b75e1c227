"""A query that measures the whole application instead of the canary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern
from chartgen.rules.reading.prometheus_queries import PromQuery, model_of, queries_of_template
from chartgen.rules.reading.promql import all_of, matchers_of, name_of
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


_ABOUT = lazy_pattern(r"\{\{-?\s*(?:[^}]*[\s(|])?(?:target|service|ingress|route|name|variables)\b")


class TemplateQueryNotAboutCanary(Rule):
    id = "template-query-not-about-canary"
    severity = Severity.INFO
    summary = "query that doesn't distinguish the canary from the primary"
    kinds = ("MetricTemplate",)
    tags = ("metrics",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        query = manifest.get(("spec", "query"))
        if not isinstance(query, str) or not query.strip():
            return
        parsed = [each for each in queries_of_template(manifest, rendering) if each.expression is not None]
        written_out = bool(parsed) and all(_selects_target(each, rendering) for each in parsed)
        if not _ABOUT.search(query) and not written_out:
            yield Problem(
                f"the query of MetricTemplate {manifest.name} uses no variable such as target, service, ingress or "
                "route: it may measure the primary together with the canary",
                at=("spec", "query"),
            )


def _selects_target(query: PromQuery, rendering: Rendering) -> bool:
    """Whether a label matcher names the Canary's target, as `pod=~"web-[0-9a-z]+-[0-9a-z]+"` does."""
    if query.canary is None:
        return False
    model = model_of(query.canary, rendering, "")
    names = {value for key, value in model.items() if key not in {"namespace", "interval"}}
    selectors = [each for each in all_of(query.expression) if name_of(each) == "VectorSelector"]
    values = [value for each in selectors for _, how, value in matchers_of(each) if how == "Re"]
    return any(name in value for value in values for name in names)
