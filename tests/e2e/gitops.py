"""HelmReleases and Applications on the plane, without their controllers: `drift` only reads them.

The CRDs take any field. Only their group, versions, kind and plural are those of Flux and Argo CD, and the objects have the
fields that drift reads: what these mean is theirs to say (see `chartgen.cluster.drift.scope`).
"""

from __future__ import annotations

import json
import time
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from tests.e2e.process import PlaneError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.client import Client, JsonObject
    from tests.e2e.plane import Plane

FLUX, ARGO = "helm.toolkit.fluxcd.io", "argoproj.io"
# Of HelmRelease, the newest first.
VERSIONS = ("v2", "v2beta2", "v2beta1")
READER = "system:serviceaccount:default:drift-reader"
_CRD = ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", f"helmreleases.{FLUX}")
_RBAC = "rbac.authorization.k8s.io"
_WITHIN = 30.0
_BAD, _GOOD = ("0.2.0", "v2"), ("0.1.0", "v1")


def install(plane: Plane) -> None:
    plane.api.install_open_crd(FLUX, VERSIONS, "HelmRelease", "helmreleases")
    plane.api.install_open_crd(ARGO, ("v1alpha1",), "Application", "applications")
    # Of Argo CD's operator, in a newer version than Application has.
    plane.api.install_open_crd(ARGO, ("v1beta1",), "ArgoCD", "argocds")


def create(client: Client, name: str, namespace: str) -> None:
    """One object of each kind that wants the bad version, and others that want it for something else."""
    for each in ("argocd", "jx-staging"):
        client.ensure_namespace(each)
    for body in (_helm_release(name, namespace, _BAD), _application(name, namespace, _BAD), *_others(name, namespace)):
        client.create(body)


def set_back(client: Client, name: str, namespace: str) -> None:
    for body in (_helm_release(name, namespace, _GOOD), _application(name, namespace, _GOOD)):
        metadata = body["metadata"]
        # The version that is served until the end.
        version = body["apiVersion"] if body["kind"] == "Application" else f"{FLUX}/{VERSIONS[-1]}"
        client.patch(version, body["kind"], metadata["namespace"], metadata["name"], {"spec": body["spec"]})


def serve(plane: Plane, versions: tuple[str, ...]) -> None:
    """Serve HelmRelease in these versions only, and wait until the API server's lists of them say so."""
    crd = deepcopy(plane.client.get(*_CRD))
    assert crd is not None
    for each in crd["spec"]["versions"]:
        each["served"] = each["name"] in versions
    plane.client.patch(*_CRD, {"spec": {"versions": crd["spec"]["versions"]}})
    end = time.monotonic() + _WITHIN
    while tuple(_served(plane.client)) != versions:
        if time.monotonic() > end:
            raise PlaneError(f"HelmRelease is served in {list(_served(plane.client))}, not in {versions}")
        time.sleep(0.1)


def _served(client: Client) -> Iterator[str]:
    groups = client.must("GET", "/apis")["groups"]
    group: JsonObject = next((each for each in groups if each["name"] == FLUX), {"versions": []})
    yield from (each["version"] for each in group["versions"])


def reader_without_rights(plane: Plane) -> Path:
    """The kubeconfig of a ServiceAccount that may read all that drift needs but HelmReleases and Applications."""
    name = READER.rpartition(":")[2]
    rules = [
        {"apiGroups": [group], "resources": resources, "verbs": ["get", "list"]}
        for group, resources in {
            "": ["secrets", "events"],
            "apps": ["deployments"],
            "flagger.app": ["canaries"],
        }.items()
    ]
    subject = {"kind": "ServiceAccount", "name": name, "namespace": "default"}
    role = {"apiGroup": _RBAC, "kind": "ClusterRole", "name": name}
    client, metadata = plane.client, {"name": name}
    client.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {**metadata, "namespace": "default"}})
    client.create({"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": metadata, "rules": rules})
    binding: JsonObject = {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRoleBinding", "metadata": metadata}
    client.create({**binding, "roleRef": role, "subjects": [subject]})
    answer = client.must("POST", f"/api/v1/namespaces/default/serviceaccounts/{name}/token", {"spec": {}})
    config = json.loads(plane.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": answer["status"]["token"]}
    path = plane.folder / f"kubeconfig-{name}"
    path.write_text(json.dumps(config))
    return path


def _helm_release(name: str, namespace: str, versions: tuple[str, str], **spec: str) -> JsonObject:
    chart, tag = versions
    return {
        "apiVersion": f"{FLUX}/{VERSIONS[0]}",
        "kind": "HelmRelease",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "chart": {"spec": {"chart": "web", "version": chart}},
            "values": {"image": {"repository": "nginx", "tag": tag}},
            **spec,
        },
    }


def _application(name: str, namespace: str, versions: tuple[str, str]) -> JsonObject:
    chart, tag = versions
    helm: dict[str, Any] = {
        "releaseName": name,
        "parameters": [{"name": "image.tag", "value": tag}],
        "values": f"# of the team\nimage:\n  tag: {tag}\n",
    }
    return {
        "apiVersion": f"{ARGO}/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd", "annotations": {"example.test/was": "nginx:v2"}},
        "spec": {
            "destination": {"namespace": namespace},
            "source": {"chart": "web", "targetRevision": chart, "helm": helm},
        },
    }


def _others(name: str, namespace: str) -> Iterator[JsonObject]:
    """The same chart and version: of another release, of staging's release of the same name, and in both ways at once."""
    yield _helm_release("another", namespace, _BAD)
    yield _helm_release(name, "jx-staging", _BAD)
    yield _helm_release(f"{name}-staging", namespace, _BAD, releaseName=name, targetNamespace="jx-staging")
    application = _application(name, "jx-staging", _BAD)
    application["metadata"]["name"] = f"{name}-staging"
    yield application
