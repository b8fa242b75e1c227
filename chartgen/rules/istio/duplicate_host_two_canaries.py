"""Two Canaries with the same host on the same gateway."""

from __future__ import annotations

from itertools import takewhile
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
    summary = "two Canaries for one host on one gateway"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        earlier = takewhile(lambda manifest: manifest is not canary.manifest, rendering.of_kind("Canary"))
        shared = [(other, *_shared(canary, other)) for other in map(Canary, earlier)]
        conflicts = [(other, hosts[0], gateway) for other, hosts, gateway in shared if hosts and gateway]
        if conflicts:  # reported once, at the later Canary
            _, host, gateway = conflicts[0]
            names = ", ".join(other.name for other, *_ in conflicts)
            subject = f"Canaries {names} also serve" if len(conflicts) > 1 else f"Canary {names} also serves"
            yield Problem(
                f"{subject} {host} on gateway {gateway}: Istio serves only one of the apps there",
                at=("spec", "service", "hosts", canary.hosts.index(host)),
            )


def _shared(canary: Canary, other: Canary) -> tuple[list[object], str | None]:
    """The hosts that both serve, and a gateway on which no match distinguishes them."""
    hosts: list[object] = [host for host in canary.hosts if host in other.hosts]
    gateways = set(map(str, canary.gateways or ["mesh"])) & set(map(str, other.gateways or ["mesh"]))
    have_matches = canary.service.get("match") and other.service.get("match")
    return hosts, min((gateway for gateway in gateways if gateway == "mesh" or not have_matches), default=None)
