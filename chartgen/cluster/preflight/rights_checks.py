"""What the caller may do: install the chart's objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.resources import CANARIES, CRDS, PREFLIGHT
from chartgen.cluster.preflight.context import Context, blocker, ok
from chartgen.flagger.canary import as_str
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.cluster.preflight.check import Check

# What an upgrade does to an object (Helm 4 and kubectl apply --server-side patch, Helm 3 creates and patches).
_VERBS = ("get", "create", "patch")
# Kinds of charts that preflight itself doesn't read.
_PLURALS = {
    ("", "ConfigMap"): "configmaps",
    ("", "ServiceAccount"): "serviceaccounts",
    ("rbac.authorization.k8s.io", "Role"): "roles",
    ("rbac.authorization.k8s.io", "RoleBinding"): "rolebindings",
}


def check_rights(context: Context) -> Iterator[Check]:
    """Whether the caller may create and patch each kind that the chart renders."""
    kinds = dict.fromkeys([(CANARIES.group, CANARIES.plural), *_kinds(context)])
    allowed, verbs_text = [], ",".join(_VERBS)
    for group, plural in kinds:
        denied = [verb for verb in _VERBS if not context.source.allowed(verb, group, plural, context.namespace)]
        name = f"{plural}.{group}" if group else plural
        if denied:
            message = f"you may not {', '.join(denied)} {plural} in {context.namespace}: the upgrade fails"
            yield blocker("rights", f"Resource {name}", message, _grant(context, name, verbs_text))
        else:
            allowed.append(plural)
    if allowed:
        yield ok("rights", f"Namespace {context.namespace}", f"you may install {', '.join(allowed)}")


def _kinds(context: Context) -> Iterator[tuple[str, str]]:
    known = {(each.group, each.kind): each.plural for each in PREFLIGHT if each.namespaced} | _PLURALS
    for body in context.objects:
        group, kind = as_str(body.get("apiVersion")).rpartition("/")[0], as_str(body.get("kind"))
        plural = known.get((group, kind)) or _plural_of_crd(context, group, kind)
        if plural:
            yield group, plural


def _plural_of_crd(context: Context, group: str, kind: str) -> str:
    crds: list[Mapping[str, Any]] = [
        each for each in context.source.items(CRDS) if value_at(each, ("spec", "group")) == group
    ]
    found = (
        as_str(value_at(each, ("spec", "names", "plural")))
        for each in crds
        if value_at(each, ("spec", "names", "kind")) == kind
    )
    return next(found, "")


def _grant(context: Context, resource: str, verbs: str) -> str:
    """What an administrator runs; `USER` is the caller's name in the cluster."""
    name = f"chartgen-{resource.replace('.', '-')}"
    role = context.command("create", "role", name, f"--verb={verbs}", f"--resource={resource}")
    user = context.source.user() or "USER"
    return f"{role} && {context.command('create', 'rolebinding', name, f'--role={name}', f'--user={user}')}"
