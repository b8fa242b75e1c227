"""A condition of analysis.match that Flagger drops: what is left matches everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    fixes = (Safety.SAFE,)
    yields_to = ("canary-values-schema",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for route in pruned(manifest, self.cluster, self.id):
            where = manifest.get(route[:4])
            alone = isinstance(where, dict) and not set(where) & {"headers", "queryParams", "sourceLabels"}
            everybody = ": the empty condition left over sends every user to the new version" if alone else ""
            fix = renamed_as_meant(manifest, route, self.cluster)
            yield Problem(f"{route[-1]} is dropped from analysis.match{everybody}", at=route, fix=fix)
