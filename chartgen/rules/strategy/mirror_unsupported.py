"""Mirroring with a provider that can't mirror."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import provider_of
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
        if canary.strategy == "weights" and not supported.mirrors_weights:
            yield Problem(
                f"provider {provider} can't mirror with weights: {_effect(provider)}",
                at=canary.at("mirror"),
                fix=set_value(canary.at("mirror"), False, Safety.UNSAFE),
            )
        elif canary.strategy != "weights" and not supported.mirrors_iterations:
            yield Problem(
                f"provider {provider} can't mirror: the canary gets no mirrored traffic",
                at=canary.at("mirror"),
                severity=Severity.WARNING,
                fix=set_value(canary.at("mirror"), False, Safety.UNSAFE),
            )


def _effect(provider: str) -> str:
    # scheduler.go:advanceCanary runs 10 iterations instead of the weights.
    if provider == "kubernetes":
        return "the canary gets no mirrored traffic"
    return "the weight stays at 0 forever"
