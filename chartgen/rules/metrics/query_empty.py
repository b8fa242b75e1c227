"""A MetricTemplate without a query: there is nothing to ask its provider."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

_COMMENT = lazy_pattern(r"\{\{(?:-\s)?\s*/\*.*?\*/\s*(?:\s-)?\}\}", re.DOTALL)
_PROMETHEUS_COMMENT = lazy_pattern(r"#.*", re.DOTALL)


class QueryEmpty(Rule):
    id = "query-empty"
    severity = Severity.ERROR
    summary = "MetricTemplate whose query is empty"
    kinds = ("MetricTemplate",)
    tags = ("metrics",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        query = manifest.get(("spec", "query"))
        if not isinstance(query, str):
            return
        left = _COMMENT.sub("", query)
        if manifest.get(("spec", "provider", "type")) == "prometheus" and left.strip().startswith("#"):
            # Flagger sends the query in one line, so a comment at its start ends with it.
            left = _PROMETHEUS_COMMENT.sub("", left)
        if not left.strip():
            what = "is empty" if not query.strip() else "is only a comment, because Flagger joins its lines"
            yield Problem(
                f"the query of MetricTemplate {manifest.name} {what}: every check that uses it fails",
                at=("spec", "query"),
            )
