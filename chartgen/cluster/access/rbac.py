"""The least rights that the commands need, as objects for `kubectl apply -f -`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.resources import APPLICATIONS, CANARIES, EVENTS, HELM_RELEASES, PREFLIGHT, SECRETS
from chartgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROLE = "chartgen-reader"
_SERVICE_ACCOUNT = "system:serviceaccount:"
_RBAC = "rbac.authorization.k8s.io"


def rules() -> list[dict[str, Any]]:
    """One rule per API group: preflight and drift read them, watch also follows Canaries and their events."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for resource in (*PREFLIGHT, EVENTS, HELM_RELEASES, APPLICATIONS):
        if resource is not SECRETS:
            verbs = ("get", "list", "watch") if resource in {CANARIES, EVENTS} else ("get", "list")
            found.setdefault((resource.group, verbs), []).append(resource.plural)
    listed = [_rule(group, plurals, verbs) for (group, verbs), plurals in found.items()]
    # Queries of Prometheus go through the API server's proxy of its Service.
    return [*listed, _rule("", ["services/proxy"], ("get",))]


def _rule(group: str, plurals: Sequence[str], verbs: Sequence[str]) -> dict[str, Any]:
    return {"apiGroups": [group], "resources": list(plurals), "verbs": list(verbs)}


def roles(secrets: Sequence[tuple[str, str]], subject: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A ClusterRole and its binding to `subject`; a Role for each namespace with Secrets that are named one by one."""
    yield {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": ROLE}, "rules": rules()}
    yield _binding("ClusterRoleBinding", {"name": ROLE}, "ClusterRole", subject)
    for namespace in dict.fromkeys(namespace for namespace, _ in secrets):
        names = sorted({name for home, name in secrets if home == namespace})
        metadata = {"name": f"{ROLE}-secrets", "namespace": namespace}
        rule = {**_rule("", [SECRETS.plural], ("get",)), "resourceNames": names}
        yield {"apiVersion": f"{_RBAC}/v1", "kind": "Role", "metadata": metadata, "rules": [rule]}
        yield _binding("RoleBinding", metadata, "Role", subject)


def _binding(kind: str, metadata: dict[str, Any], role: str, subject: dict[str, Any]) -> dict[str, Any]:
    reference = {"apiGroup": _RBAC, "kind": role, "name": metadata["name"]}
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": kind,
        "metadata": metadata,
        "roleRef": reference,
        "subjects": [subject],
    }


def subject_of(text: str) -> dict[str, Any]:
    """The subject of a binding: `namespace:name` is a ServiceAccount, `@name` a group, anything else a user.

    `system:…` is a user of Kubernetes, `system:serviceaccount:namespace:name` the ServiceAccount.
    UsageError without a name.
    """
    own = text.removeprefix(_SERVICE_ACCOUNT)
    namespace, colon, name = own.partition(":")
    if not text.removeprefix("@") or (colon and not (namespace and name)):
        raise UsageError(f"--subject {text!r} has no name", hint="write a user, @group or namespace:serviceaccount")
    if colon and (own != text or namespace != "system"):
        return {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    kind, name = ("Group", text[1:]) if text.startswith("@") else ("User", text)
    return {"apiGroup": _RBAC, "kind": kind, "name": name}
