"""HTTP settings with appProtocol tcp, which Flagger's Istio router ignores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_HTTP = ("match", "retries", "timeout", "headers", "rewrite", "corsPolicy")


class IstioTcpWithHttpSettings(CanaryRule):
    id = "istio-tcp-with-http-settings"
    severity = Severity.WARNING
    summary = "HTTP settings that Flagger ignores on a TCP port"
    tags = ("routing", "services")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.provider(self.cluster) != "istio" or str(canary.service.get("appProtocol")).lower() != "tcp":
            return
        ignored: list[Route] = [("spec", "service", name) for name in _HTTP if canary.service.get(name)]
        ignored += [canary.at("match")] if canary.matches else []
        for at in ignored:
            effect = " and sends every connection to the new version" if at[1] != "service" else ""
            yield Problem(f"appProtocol is tcp: Flagger ignores {at[1]}.{at[-1]}{effect}", at=at)
