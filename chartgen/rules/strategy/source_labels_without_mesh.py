"""sourceLabels without the mesh gateway, the only one that knows the calling pod."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class SourceLabelsWithoutMesh(CanaryRule):
    id = "source-labels-without-mesh"
    severity = Severity.ERROR
    summary = "sourceLabels without the mesh gateway, which never match"
    tags = ("strategy", "routing")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.provider(self.cluster) != "istio" or not canary.gateways or "mesh" in canary.gateways:
            return
        for index, match in enumerate(canary.matches):
            if isinstance(match, dict) and match.get("sourceLabels"):
                yield Problem(
                    "sourceLabels work only with the gateway mesh, which isn't in service.gateways: the condition "
                    "never matches; add mesh",
                    at=canary.at("match", index, "sourceLabels"),
                )
