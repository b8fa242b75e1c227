"""match without iterations is no A/B test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.canary import Canary
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class MatchWithoutIterations(Rule):
    id = "match-without-iterations"
    severity = Severity.ERROR
    summary = "analysis.match without iterations, which isn't an A/B test"
    tags = ("strategy",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        if canary.matches and canary.iterations <= 0:
            told = "only matching users are split by weight"
            if canary.provider(self.cluster) == "nginx":
                told = "the release is promoted after a single check"
            yield Problem(f"match without iterations is no A/B test but a weight run: {told}", at=canary.at("match"))
