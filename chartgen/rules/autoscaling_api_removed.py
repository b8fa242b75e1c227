"""An HPA of an API version Kubernetes no longer serves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.rules.fix import Safety, set_value
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


_REMOVED = {"autoscaling/v2beta1": "1.25", "autoscaling/v2beta2": "1.26"}


class AutoscalingApiRemoved(Rule):
    id = "autoscaling-api-removed"
    severity = Severity.ERROR
    summary = "an HPA of a removed API version"
    kinds = ("HorizontalPodAutoscaler",)
    tags = ("scaling", "api")
    fixes = (Safety.SAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        removed = _REMOVED.get(manifest.api_version)
        if removed and not _is_older(rendering.request.kube_version, removed):
            yield Problem(
                f"{manifest.api_version} is gone since Kubernetes {removed}: the whole release fails; "
                "write autoscaling/v2",
                at=("apiVersion",),
                # v2 is v2beta2 promoted; the metrics of v2beta1 have another shape.
                fix=set_value(("apiVersion",), "autoscaling/v2") if manifest.api_version.endswith("v2beta2") else None,
            )


def _is_older(kube_version: str | None, removed: str) -> bool:
    """Whether the cluster was said to be older than the release that dropped the API."""
    numbers = re.findall(r"\d+", kube_version or "")[:2]
    return len(numbers) > 1 and tuple(map(int, numbers)) < tuple(map(int, removed.split(".")))
