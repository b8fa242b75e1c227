"""A query that measures the whole application instead of the canary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


_ABOUT = re.compile(r"\{\{-?\s*(?:target|service|ingress|route|name|variables)\b")


class TemplateQueryNotAboutCanary(Rule):
    id = "template-query-not-about-canary"
    severity = Severity.INFO
    summary = "query that doesn't distinguish the canary from the primary"
    kinds = ("MetricTemplate",)
    tags = ("metrics",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        query = manifest.get(("spec", "query"))
        if isinstance(query, str) and query.strip() and not _ABOUT.search(query):
            yield Problem(
                f"the query of MetricTemplate {manifest.name} uses no variable such as target, service, ingress or "
                "route: it measures the primary together with the canary",
                at=("spec", "query"),
            )
