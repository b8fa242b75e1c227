"""A folder of dumps instead of a cluster: what `kubectl get RESOURCE -A -o yaml > RESOURCE.yaml` wrote.

The name of a file names its kind, so an empty list is known to be empty; any file may hold objects of any kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.resources import CRDS, PREFLIGHT, SECRETS
from chartgen.cluster.access.source import UnreadableError, served_versions
from chartgen.flagger.canary import as_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chartgen.cluster.access.resources import Resource
    from chartgen.cluster.access.source import Object


@dataclass(slots=True)
class DumpSource:
    """Objects read from dumps. `covered`: the names of the files, without their suffix."""

    name: str
    objects: tuple[Object, ...]
    covered: frozenset[str]

    def get(self, resource: Resource, namespace: str, name: str) -> Object | None:
        found = self.items(resource, namespace if resource.namespaced else "")
        return next((each for each in found if as_mapping(each.get("metadata")).get("name") == name), None)

    def items(self, resource: Resource, namespace: str = "") -> Sequence[Object]:
        found = [each for each in self.objects if _is(each, resource)]
        if not found and not self._covers(resource):
            raise UnreadableError(f"{self.name} has no {resource.plural}", self._command(resource))
        return [each for each in found if namespace in ("", as_mapping(each.get("metadata")).get("namespace"))]

    def secret_exists(self, namespace: str, name: str) -> bool:
        return self.get(SECRETS, namespace, name) is not None

    def served(self, group: str) -> tuple[str, ...]:
        """From the CRDs, or from the dumped objects of a group without CRDs."""
        crds = [each for each in self.items(CRDS) if as_mapping(each.get("spec")).get("group") == group]
        versions = [version for crd in crds for version in served_versions(crd)]
        versions += [
            str(each.get("apiVersion")).partition("/")[2]
            for each in self.objects
            if str(each.get("apiVersion")).startswith(f"{group}/")
        ]
        if "." not in group.removesuffix(".k8s.io"):
            # kubectl could dump the kind, so it is served; only its objects show in which versions.
            versions += [each.version for each in PREFLIGHT if each.group == group and self._covers(each)]
            if not versions:
                raise UnreadableError(f"{self.name} doesn't show whether the API server serves {group}")
        return tuple(dict.fromkeys(versions))

    def allowed(self, verb: str, group: str, plural: str, namespace: str) -> bool:
        resource = f"{plural}.{group}" if group else plural
        raise UnreadableError(
            "dumps don't show the rights of a user", f"kubectl auth can-i {verb} {resource} --namespace {namespace}"
        )

    def user(self) -> str:
        return ""

    def resolve(self, host: str) -> tuple[str, ...]:
        raise UnreadableError(f"{host} isn't looked up without a cluster")

    def prometheus(self, url: str, path: str, query: Mapping[str, str]) -> Any:
        raise UnreadableError(f"{url} isn't asked without a cluster ({path}: {query.get('query', '')})")

    def _covers(self, resource: Resource) -> bool:
        if {resource.plural, resource.full_name} & self.covered:
            return True
        # A kind whose CRD isn't installed has no objects, if the CRDs are in the dumps.
        custom = "." in resource.group.removesuffix(".k8s.io") and resource is not CRDS
        return (
            custom and CRDS.plural in {name.partition(".")[0] for name in self.covered} and not self._defined(resource)
        )

    def _defined(self, resource: Resource) -> bool:
        return any(
            _is(each, CRDS) and as_mapping(each.get("metadata")).get("name") == resource.full_name
            for each in self.objects
        )

    def _command(self, resource: Resource) -> str:
        return f"kubectl get {resource.full_name} -A -o yaml > {self.name}/{resource.full_name}.yaml"


def dump_commands(folder: str) -> str:
    """The commands that write the dumps; Secrets without their content."""
    plain = " ".join(each.full_name for each in PREFLIGHT if each is not SECRETS)
    names = "custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name"
    document = r"---\napiVersion: v1\nkind: Secret\nmetadata: {namespace: %s, name: %s}\n"
    return (
        f'for kind in {plain}; do kubectl get "$kind" -A -o yaml > "{folder}/$kind.yaml" || :; done\n'
        f"kubectl get secrets -A --no-headers -o {names} |\n"
        f'  while read -r namespace name; do printf -- "{document}" "$namespace" "$name"; done'
        f" > {folder}/secrets.yaml\n"
    )


def _is(body: Object, resource: Resource) -> bool:
    group = str(body.get("apiVersion") or "").rpartition("/")[0]
    return body.get("kind") == resource.kind and group == resource.group
