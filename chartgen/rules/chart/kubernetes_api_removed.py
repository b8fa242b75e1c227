"""An object with an API version that Kubernetes removed, in a release with a Canary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.kubernetes import removed_since
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class KubernetesApiRemoved(Rule):
    id = "kubernetes-api-removed"
    severity = Severity.ERROR
    summary = "workload, Ingress or policy with an API version that Kubernetes removed"
    kinds = (
        "Deployment", "DaemonSet", "ReplicaSet", "StatefulSet", "Ingress", "NetworkPolicy", "PodDisruptionBudget",
        "CronJob",
    )  # fmt: skip
    tags = ("api",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        removed = removed_since(manifest, rendering.request.kube_version)
        if removed:
            since, current = removed
            yield Problem(
                f"Kubernetes {since} removed {manifest.kind} {manifest.api_version}: the whole release fails; "
                f"write {current}",
                at=("apiVersion",),
            )
