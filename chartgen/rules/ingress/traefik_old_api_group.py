"""Provider traefik with a Flagger that writes Traefik's old API group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.behavior import behavior
from chartgen.flagger.providers import provider_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class TraefikOldApiGroup(CanaryRule):
    id = "traefik-old-api-group"
    severity = Severity.WARNING
    summary = "provider traefik with a Flagger release that writes Traefik's old API group"
    tags = ("providers",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        flagger = self.cluster.flagger
        if flagger is None or provider_of(canary.provider(self.cluster)).name != "traefik":
            return
        if behavior(flagger).old_traefik_group:
            yield Problem(
                f"Flagger {flagger} writes traefik.containo.us, which Traefik serves only up to 2: with Traefik 3 the "
                "Canary never initializes; use Flagger 1.42 or newer",
                at=("spec", "provider") if canary.field("provider") else ("spec",),
            )
