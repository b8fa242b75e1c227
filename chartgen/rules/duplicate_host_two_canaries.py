"""Two Canaries serve the same host on the same gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import Canary
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering


class DuplicateHostTwoCanaries(CanaryRule):
    id = "duplicate-host-two-canaries"
    severity = Severity.ERROR
    summary = "two Canaries serve one host on one gateway"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        for other in rendering.of_kind("Canary"):
            if other is canary.manifest:
                return  # each pair is told once, at the later one
            first = Canary(other)
            hosts = [host for host in canary.hosts if host in first.hosts]
            gateways = set(map(str, canary.gateways or ["mesh"])) & set(map(str, first.gateways or ["mesh"]))
            distinct = canary.service.get("match") and first.service.get("match")
            if hosts and gateways and (not distinct or "mesh" in gateways):
                yield Problem(
                    f"Canary {first.name} serves {hosts[0]} on {min(gateways)} too: Istio takes one of them and "
                    "the "
                    "other app is unreachable",
                    at=("spec", "service", "hosts", canary.hosts.index(hosts[0])),
                )
