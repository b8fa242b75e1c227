"""An API version the cluster's Flagger does not serve: the whole Helm release fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class ApiVersionNotServed(Rule):
    id = "api-version-not-served"
    severity = Severity.ERROR
    summary = "apiVersion that Flagger no longer serves"
    kinds = ("Canary", "MetricTemplate", "AlertProvider")
    tags = ("api",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if not manifest.api_version.startswith("flagger.app/"):
            return
        for refusal in refusals(manifest, self.cluster, self.id):
            yield Problem(f"{refusal.message}; the whole release fails", at=refusal.at)
