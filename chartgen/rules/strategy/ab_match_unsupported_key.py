"""A key in analysis.match that the API server drops: an empty condition that remains matches every request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.claim import below
from chartgen.rules.fix import Safety
from chartgen.rules.reading.spelling import renamed_as_meant
from chartgen.rules.reading.verdicts import pruned
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class AbMatchUnsupportedKey(Rule):
    id = "ab-match-unsupported-key"
    severity = Severity.ERROR
    summary = "condition in analysis.match that the API server drops"
    tags = ("strategy", "api")
    dropped = below("spec", "analysis", "match")
    fixes = (Safety.SAFE,)
    yields_to = ("canary-values-schema",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for route in pruned(manifest, self.cluster, self.id):
            condition = manifest.get(route[:4])
            is_emptied = isinstance(condition, dict) and not set(condition) & {"headers", "queryParams", "sourceLabels"}
            effect = ", and the empty condition that remains sends all users to the new version" if is_emptied else ""
            message = f"analysis.match doesn't support {route[-1]}: the API server drops it{effect}"
            yield Problem(message, at=route, fix=renamed_as_meant(manifest, route, self.cluster))
