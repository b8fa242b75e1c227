"""analysis.match without iterations, which isn't an A/B test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import provider_of
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
            effect = _effect(canary.provider(self.cluster))
            yield Problem(
                f"match without iterations isn't an A/B test: {effect}; set iterations", at=canary.at("match")
            )


def _effect(provider: str) -> str:
    if provider == "nginx":
        return "Flagger promotes the release after a single check"
    if not provider_of(provider).matches:
        return f"provider {provider} ignores match"
    return "Flagger splits only the matching users, by weight"
