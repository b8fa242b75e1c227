"""Mirroring with a provider that can't mirror."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import provider_of
from chartgen.flagger.strategy import Strategy
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class MirrorUnsupported(CanaryRule):
    id = "mirror-unsupported"
    severity = Severity.ERROR
    summary = "mirror with a provider that can't mirror"
    tags = ("strategy", "providers")
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        provider = canary.provider(self.cluster)
        supported = provider_of(provider)
        if not canary.mirrors:
            return
        if canary.strategy(self.cluster) is Strategy.WEIGHTS and not supported.mirrors_weights:
            yield Problem(
                f"provider {provider} can't mirror with weights: the weight stays at 0 forever",
                at=canary.at("mirror"),
                fix=set_value(canary.at("mirror"), False, Safety.UNSAFE),
            )
        elif canary.strategy(self.cluster) is not Strategy.WEIGHTS and not supported.mirrors_iterations:
            yield Problem(
                f"provider {provider} can't mirror: the canary gets no mirrored traffic",
                at=canary.at("mirror"),
                severity=Severity.WARNING,
                fix=set_value(canary.at("mirror"), False, Safety.UNSAFE),
            )
