"""The parts of the plane, pinned. Standard library only: a build runs before anything is installed."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

KUBERNETES = "v1.36.3"
ETCD = "v3.6.8"
FLAGGER = "1.44.0"
# Releases whose modules can be had and whose CRDs differ (schemas are judged per release).
FLAGGER_CRDS = ("1.30.0", "1.36.1", "1.38.0", "1.41.0", "1.44.0")
KWOK = "v0.8.0"
ISTIO_API = "v1.31.1"
GATEWAY_API = "v1.4.1"

FOLDER_VARIABLE = "CHARTGEN_E2E_DIR"
BUILD_COMMAND = "make e2e-tools"


@dataclass(frozen=True, slots=True)
class Part:
    """A binary. `pin` names what is built; `package` is the Go package, a Debian package has none."""

    name: str
    pin: str
    package: str = ""
    # In the tools module beside this file (True) or installed on its own as package@pin (False).
    in_tools_module: bool = False
    # Any release on PATH will do; the others must be those pinned, or named by KUBEBUILDER_ASSETS.
    any_release: bool = False


PARTS = (
    Part("flagger", f"v{FLAGGER}", "github.com/fluxcd/flagger/cmd/flagger"),
    Part("kwok", KWOK, "sigs.k8s.io/kwok/cmd/kwok"),
    Part("etcd", ETCD, "go.etcd.io/etcd/server/v3", in_tools_module=True),
    *(
        Part(name, KUBERNETES, f"k8s.io/kubernetes/cmd/{name}", in_tools_module=True)
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    ),
    Part("prometheus", "debian", any_release=True),
    Part("kubectl", KUBERNETES, "k8s.io/kubernetes/cmd/kubectl", in_tools_module=True, any_release=True),
)


@dataclass(frozen=True, slots=True)
class CrdFile:
    """A file of CustomResourceDefinitions in a Go module."""

    name: str
    module: str
    path: str


CRD_FILES = (
    *(
        CrdFile(f"flagger-{release}.yaml", f"github.com/fluxcd/flagger@v{release}", "artifacts/flagger/crd.yaml")
        for release in FLAGGER_CRDS
    ),
    CrdFile("istio.yaml", f"istio.io/api@{ISTIO_API}", "kubernetes/customresourcedefinitions.gen.yaml"),
    *(
        CrdFile(
            f"gateway-api-{kind}.yaml",
            f"sigs.k8s.io/gateway-api@{GATEWAY_API}",
            f"config/crd/standard/gateway.networking.k8s.io_{kind}.yaml",
        )
        for kind in ("httproutes", "gateways", "gatewayclasses", "referencegrants")
    ),
)


def folder() -> Path:
    """Where the tools are kept: outside any clone, shared by all of them."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else Path.home() / ".cache" / "chartgen" / "e2e"


def helm_folder() -> Path:
    """Where `.ci/fetch_helm.py` puts helm-3.17, helm-4.1, helm-4.3 and the kubectl that came with them."""
    return Path.home() / ".cache" / "chartgen" / "helm"


def find(name: str) -> Path | None:
    """A binary, by envtest's KUBEBUILDER_ASSETS, then the build's folder, then that of the helms, then PATH."""
    places = [os.environ.get("KUBEBUILDER_ASSETS"), str(folder() / "bin"), str(helm_folder()), os.environ.get("PATH")]
    for place in filter(None, places):
        if found := shutil.which(name, path=place):
            return Path(found)
    return None


def crd_file(name: str) -> Path:
    return folder() / "crds" / name


def missing() -> list[str]:
    """The names of what is not there, empty when the plane can start."""
    absent = [part.name for part in PARTS if find(part.name) is None]
    absent += [crds.name for crds in CRD_FILES if not crd_file(crds.name).exists()]
    return absent + [name for name in ("openssl",) if shutil.which(name) is None]
