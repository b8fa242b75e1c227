"""API versions Kubernetes no longer serves (its deprecated API migration guide)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartgen.manifests.manifest import Manifest

_WORKLOADS = ("Deployment", "DaemonSet", "ReplicaSet", "StatefulSet")
_AUTOSCALING = {"autoscaling/v2beta1": ("1.25", "autoscaling/v2"), "autoscaling/v2beta2": ("1.26", "autoscaling/v2")}
_APPS = dict.fromkeys(("extensions/v1beta1", "apps/v1beta1", "apps/v1beta2"), ("1.16", "apps/v1"))
_INGRESS = dict.fromkeys(("extensions/v1beta1", "networking.k8s.io/v1beta1"), ("1.22", "networking.k8s.io/v1"))
# Kind → API version → the release that removed it, and its successor.
_REMOVED = {
    "HorizontalPodAutoscaler": _AUTOSCALING,
    **dict.fromkeys(_WORKLOADS, _APPS),
    "Ingress": _INGRESS,
    "NetworkPolicy": {"extensions/v1beta1": ("1.16", "networking.k8s.io/v1")},
    "PodDisruptionBudget": {"policy/v1beta1": ("1.25", "policy/v1")},
    "CronJob": {"batch/v1beta1": ("1.25", "batch/v1")},
}


def removed_since(manifest: Manifest, kube_version: str | None) -> tuple[str, str] | None:
    """The release that removed the object's API version, and its successor.

    None if it is served, or if `kube_version` is older.
    """
    since, successor = _REMOVED.get(manifest.kind, {}).get(manifest.api_version, ("", ""))
    return (since, successor) if since and not _is_older(kube_version, since) else None


def _is_older(kube_version: str | None, release: str) -> bool:
    numbers = re.findall(r"\d+", kube_version or "")[:2]
    return len(numbers) > 1 and tuple(map(int, numbers)) < tuple(map(int, release.split(".")))
