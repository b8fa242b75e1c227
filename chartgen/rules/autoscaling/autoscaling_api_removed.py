"""An HPA of an API version Kubernetes no longer serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.kubernetes import removed_since
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class AutoscalingApiRemoved(Rule):
    id = "autoscaling-api-removed"
    severity = Severity.ERROR
    summary = "HorizontalPodAutoscaler with an API version that Kubernetes removed"
    kinds = ("HorizontalPodAutoscaler",)
    tags = ("scaling", "api")
    fixes = (Safety.SAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        removed = removed_since(manifest, rendering.request.kube_version)
        if removed:
            since, today = removed
            yield Problem(
                f"{manifest.api_version} is gone since Kubernetes {since}: the whole release fails; write {today}",
                at=("apiVersion",),
                # v2 is v2beta2 promoted; the metrics of v2beta1 have another shape.
                fix=set_value(("apiVersion",), today) if manifest.api_version.endswith("v2beta2") else None,
            )
