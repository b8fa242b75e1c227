"""trafficPolicy.tls.mode DISABLE, copied from an example: clients in the mesh call the app in plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import namespace_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

_MODE = ("service", "trafficPolicy", "tls", "mode")


class IstioTlsDisabled(CanaryRule):
    id = "istio-tls-disabled"
    severity = Severity.WARNING
    summary = "trafficPolicy that turns mutual TLS off"
    tags = ("istio", "routing")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if canary.provider(self.cluster) != "istio" or canary.field(*_MODE) != "DISABLE":
            return
        homes = {namespace_of(canary.manifest, rendering), "istio-system"}
        strict = next(
            (
                policy
                for policy in rendering.of_kind("PeerAuthentication")
                if policy.get(("spec", "mtls", "mode")) == "STRICT"
                and namespace_of(policy, rendering) in homes
                and not policy.get(("spec", "selector"))
            ),
            None,
        )
        effect = (
            f"PeerAuthentication {strict.name} accepts only mutual TLS, so every call from the mesh fails with a 503"
            if strict
            else "clients in the mesh send plain text, which may fail with a 503 where mutual TLS is required"
        )
        yield Problem(
            f"trafficPolicy.tls.mode DISABLE turns mutual TLS off: {effect}; remove tls, or write ISTIO_MUTUAL",
            at=("spec", *_MODE),
            severity=Severity.ERROR if strict else None,
        )
