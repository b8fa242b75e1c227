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
# The newest releases that can be had as modules and that Go 1.26 builds.
HELM_CONTROLLER, KUSTOMIZE_CONTROLLER, SOURCE_CONTROLLER = "v1.6.4", "v1.9.6", "v1.9.6"

FOLDER_VARIABLE = "CHARTGEN_E2E_DIR"
BUILD_COMMAND = "make e2e-tools"
_LONG_RUN_VARIABLE = "CHARTGEN_LONG_RUN"


@dataclass(frozen=True, slots=True)
class Part:
    """A binary. `pin` names what is built; `package` is the Go package, a Debian package has none."""

    name: str
    pin: str
    package: str = ""
    # The folder, from here, of the module that pins what it is built from; without, package@pin is installed on its own.
    module: str = ""
    # Any release on PATH will do; the others must be those pinned, or named by KUBEBUILDER_ASSETS.
    any_release: bool = False


PARTS = (
    Part("flagger", f"v{FLAGGER}", "github.com/fluxcd/flagger/cmd/flagger"),
    Part("kwok", KWOK, "sigs.k8s.io/kwok/cmd/kwok"),
    Part("etcd", ETCD, "go.etcd.io/etcd/server/v3", module="."),
    *(
        Part(name, KUBERNETES, f"k8s.io/kubernetes/cmd/{name}", module=".")
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    ),
    Part("prometheus", "debian", any_release=True),
    Part("kubectl", KUBERNETES, "k8s.io/kubernetes/cmd/kubectl", module=".", any_release=True),
)
# What only the long run builds and needs.
LONG_PARTS = (
    Part("helm-controller", HELM_CONTROLLER, "github.com/fluxcd/helm-controller", module="flux"),
    Part("kustomize-controller", KUSTOMIZE_CONTROLLER, "github.com/fluxcd/kustomize-controller", module="flux"),
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
LONG_CRD_FILES = tuple(
    CrdFile(
        f"flux-{kinds}.yaml",
        f"github.com/fluxcd/{controller}",
        f"config/crd/bases/{group}.toolkit.fluxcd.io_{kinds}.yaml",
    )
    for controller, group, every_kind in (
        (f"helm-controller@{HELM_CONTROLLER}", "helm", ("helmreleases",)),
        (f"kustomize-controller@{KUSTOMIZE_CONTROLLER}", "kustomize", ("kustomizations",)),
        # All that a controller watches must be there, or it doesn't start.
        (
            f"source-controller@{SOURCE_CONTROLLER}",
            "source",
            ("buckets", "externalartifacts", "gitrepositories", "helmcharts", "helmrepositories", "ocirepositories"),
        ),
    )
    for kinds in every_kind
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


def long_run() -> bool:
    return bool(os.environ.get(_LONG_RUN_VARIABLE))


def parts(*, long: bool) -> tuple[Part, ...]:
    """The parts that a run needs."""
    return PARTS + LONG_PARTS if long else PARTS


def crd_files(*, long: bool) -> tuple[CrdFile, ...]:
    return CRD_FILES + LONG_CRD_FILES if long else CRD_FILES


def missing(*, long: bool = False) -> list[str]:
    """The names of what is not there, empty when the plane can start; with `long`, Flux's controllers too."""
    absent = [part.name for part in parts(long=long) if find(part.name) is None]
    absent += [crds.name for crds in crd_files(long=long) if not crd_file(crds.name).exists()]
    return absent + [name for name in ("openssl",) if shutil.which(name) is None]
