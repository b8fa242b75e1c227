"""Two Canaries serve the same host on the same gateway."""

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
        first = takewhile(lambda one: one is not canary.manifest, rendering.of_kind("Canary"))
        shared = [(other, *_shared(canary, other)) for other in map(Canary, first)]
        sharing = [(other, hosts[0], gateway) for other, hosts, gateway in shared if hosts and gateway]
        if sharing:  # told once, at the later Canary
            _, host, gateway = sharing[0]
            names = ", ".join(other.name for other, *_ in sharing)
            yield Problem(
                f"Canar{'ies' if len(sharing) > 1 else 'y'} {names} serve{'' if len(sharing) > 1 else 's'} {host} on "
                f"{gateway} too: Istio takes one of them and the other apps are unreachable",
                at=("spec", "service", "hosts", canary.hosts.index(host)),
            )


def _shared(canary: Canary, other: Canary) -> tuple[list[object], str | None]:
    """The hosts both serve, and the gateway on which nothing tells them apart."""
    hosts: list[object] = [host for host in canary.hosts if host in other.hosts]
    gateways = set(map(str, canary.gateways or ["mesh"])) & set(map(str, other.gateways or ["mesh"]))
    told_apart = canary.service.get("match") and other.service.get("match")
    return hosts, min((one for one in gateways if one == "mesh" or not told_apart), default=None)
