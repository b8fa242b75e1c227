"""App Mesh settings that Flagger's router requires, or can't express."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import MESH_NAME, provider_of
from chartgen.rules.reading.canary import Canary
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class AppmeshSettings(Rule):
    id = "appmesh-settings"
    severity = Severity.ERROR
    summary = "App Mesh Canary without meshName, or with more than one match condition"
    tags = ("providers",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        provider = canary.provider(self.cluster)
        if provider_of(provider).route != "VirtualRouter":
            return
        if provider_of(provider).reference == MESH_NAME and not canary.service.get("meshName"):
            yield Problem(
                f"provider {provider} requires service.meshName: Flagger fails at every tick", at=("spec", "service")
            )
        if len(canary.matches) > 1:
            yield Problem(
                f"App Mesh supports a single match condition: Flagger puts the headers of all {len(canary.matches)} "
                "conditions into one route, instead of one route for each",
                at=canary.at("match", 1),
            )
