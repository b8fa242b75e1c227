"""An A/B test with a provider that doesn't support A/B tests: all users get the new version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import provider_of
from chartgen.flagger.strategy import KUBERNETES
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class AbUnsupportedByProvider(CanaryRule):
    id = "ab-unsupported-by-provider"
    severity = Severity.ERROR
    summary = "A/B test with a provider that doesn't support A/B tests"
    tags = ("strategy", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        provider = canary.provider(self.cluster)
        if not canary.matches or canary.iterations <= 0 or provider_of(provider).matches:
            return
        effect = "all users get the new version at the first iteration"
        if provider == KUBERNETES:
            effect = "Flagger drops match"
        yield Problem(f"provider {provider} doesn't support A/B tests: {effect}", at=canary.at("match"))
