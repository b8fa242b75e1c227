"""Delegation together with hosts or gateways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class DelegationWithHosts(CanaryRule):
    id = "delegation-with-hosts"
    severity = Severity.ERROR
    summary = "delegation together with hosts or gateways"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.provider(self.cluster) == "istio" and canary.service.get("delegation") is True:
            fields = [name for name in ("hosts", "gateways") if canary.service.get(name)]
            if fields:
                yield Problem(
                    f"service.{fields[0]} isn't allowed with delegation: true: Flagger fails at every tick",
                    at=("spec", "service", fields[0]),
                )
