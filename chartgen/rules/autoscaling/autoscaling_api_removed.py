"""An HPA with an API version that Kubernetes has removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.fix import Fix, Safety
from chartgen.rules.reading.hpa_v2 import changes_to_v2
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
            release, successor = removed
            yield Problem(
                f"Kubernetes {release} removed {manifest.api_version}: the API server rejects the HPA, and the whole "
                f"release fails; use {successor}",
                at=("apiVersion",),
                fix=Fix(f"write {successor}", changes_to_v2(manifest)),
            )
