"""A value of another type than the field's: mostly a number in quotes, or text without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class ValuesTypeMismatch(Rule):
    id = "values-type-mismatch"
    severity = Severity.ERROR
    summary = "a value of another type than the field's"
    kinds = ("Canary", "MetricTemplate", "AlertProvider")
    tags = ("values", "api")
    yields_to = ("canary-values-schema",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if not manifest.api_version.startswith("flagger.app/"):
            return
        for refusal in refusals(manifest, self.cluster, self.id):
            field = ".".join(str(step) for step in refusal.at)
            yield Problem(f"{field}: {refusal.message}; the API server refuses the release", at=refusal.at)
