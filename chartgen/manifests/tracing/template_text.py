"""A rendering as `helm template` prints it: objects in Helm's install order, each below its `# Source:` line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

# Helm's InstallOrder (pkg/release/util/kind_sorter.go), followed by other kinds sorted by name.
_INSTALL_ORDER = (
    "PriorityClass", "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy",
    "PodDisruptionBudget", "ServiceAccount", "Secret", "SecretList", "ConfigMap", "StorageClass", "PersistentVolume",
    "PersistentVolumeClaim", "CustomResourceDefinition", "ClusterRole", "ClusterRoleList", "ClusterRoleBinding",
    "ClusterRoleBindingList", "Role", "RoleList", "RoleBinding", "RoleBindingList", "Service", "DaemonSet", "Pod",
    "ReplicationController", "ReplicaSet", "Deployment", "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob",
    "IngressClass", "Ingress", "APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
)  # fmt: skip
_RANK = {kind: rank for rank, kind in enumerate(_INSTALL_ORDER)}
_HOOK = ("metadata", "annotations", "helm.sh/hook")


def helm_template_text(rendering: Rendering) -> str:
    """All objects as one text, hooks last."""
    hooks = [manifest for manifest in rendering.manifests if manifest.get(_HOOK)]
    objects = [manifest for manifest in rendering.manifests if not manifest.get(_HOOK)]
    return "".join(_printed(manifest) for manifest in (*_sorted(objects), *hooks))


def _sorted(manifests: Iterable[Manifest]) -> list[Manifest]:
    return sorted(manifests, key=_install_order)


def _install_order(manifest: Manifest) -> tuple[int, str]:
    kind = manifest.kind
    return (_RANK[kind], "") if kind in _RANK else (len(_RANK), kind)


def _printed(manifest: Manifest) -> str:
    return f"---\n# Source: {manifest.template}\n{manifest.text}\n"
