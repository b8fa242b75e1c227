"""A MetricTemplate or AlertProvider whose name doesn't contain the release name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.canary import Canary
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class FixedNameObjectInChart(Rule):
    id = "fixed-name-object-in-chart"
    severity = Severity.WARNING
    summary = "object with a fixed name, which collides with a second release"
    kinds = ("MetricTemplate", "AlertProvider")
    tags = ("references",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        release = rendering.request.release_name
        targets = [Canary(manifest).target for manifest in rendering.of_kind("Canary")]
        named_after_release = any(release in target for target in targets)
        if named_after_release and release not in manifest.name and not manifest.namespace:
            yield Problem(
                f"{manifest.kind} {manifest.name} has the same name in every release: Helm rejects a second release in "
                "the namespace; include the release name",
                at=("metadata", "name"),
            )
