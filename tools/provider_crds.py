"""Write `schemas/provider-crds.json`: what the API server checks of the routes that Flagger generates.

    python -m tools.provider_crds --clone apache/apisix-ingress-controller=FOLDER --clone solo-io/gloo=FOLDER …

Most CRDs are in the providers' Go modules (`go mod download`). Those of repositories that publish no module are read
from a clone, at the pinned revision. Structure is carried over, descriptions are not.

The data holds, per kind, `group`, `source` and `versions`: API version -> the schema of `spec`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

DATA = Path(__file__).parents[1] / "schemas" / "provider-crds.json"
Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a kind's CRD is: `origin` is a Go module, or a repository on GitHub if `is_repository`.

    `versions` are the API versions that Flagger writes (pkg/client/clientset/versioned).
    """

    kind: str
    origin: str
    release: str
    path: str
    versions: tuple[str, ...]
    is_repository: bool = False

    @property
    def label(self) -> str:
        return f"{self.origin}@{self.release} {self.path}"


SOURCES = (
    Source("HTTPProxy", "github.com/projectcontour/contour", "v1.33.8", "examples/contour/01-crds.yaml", ("v1",)),
    Source(
        "TraefikService",
        "github.com/traefik/traefik/v3",
        "v3.7.13",
        "docs/content/reference/dynamic-configuration/traefik.io_traefikservices.yaml",
        ("v1alpha1",),
    ),
    Source(
        "HTTPRoute",
        "sigs.k8s.io/gateway-api",
        "v1.4.1",
        "config/crd/experimental/gateway.networking.k8s.io_httproutes.yaml",
        ("v1", "v1beta1"),
    ),
    Source("VirtualService", "istio.io/api", "v1.31.1", "kubernetes/customresourcedefinitions.gen.yaml", ("v1beta1",)),
    Source("DestinationRule", "istio.io/api", "v1.31.1", "kubernetes/customresourcedefinitions.gen.yaml", ("v1beta1",)),
    Source(
        "ApisixRoute",
        "apache/apisix-ingress-controller",
        "d510f6656c5d2289dbb9b4c02c3c3473ff8abb2f",
        "config/crd/bases/apisix.apache.org_apisixroutes.yaml",
        ("v2",),
        is_repository=True,
    ),
    Source(
        "VirtualRouter",
        "aws/aws-app-mesh-controller-for-k8s",
        "7588d122c3c45e1f873d7d016a30922f049764bf",
        "config/crd/bases/appmesh.k8s.aws_virtualrouters.yaml",
        ("v1beta2",),
        is_repository=True,
    ),
    Source(
        "RouteTable",
        "solo-io/gloo",
        "8d57572e5513446be6561ae7b7c498e125979ed8",
        "install/helm/gloo/crds/gateway.solo.io_v1_RouteTable.yaml",
        ("v1",),
        is_repository=True,
    ),
)


def entry(source: Source, text: str) -> Node:
    """The data of one kind, from the text of its CRD's file."""
    for document in YAML(typ="safe").load_all(text):
        spec = (document or {}).get("spec") or {}
        if (document or {}).get("kind") == "CustomResourceDefinition" and spec["names"]["kind"] == source.kind:
            schemas = {each["name"]: each["schema"]["openAPIV3Schema"] for each in spec["versions"]}
            versions = {name: without_descriptions(schemas[name]["properties"]["spec"]) for name in source.versions}
            return {"group": spec["group"], "source": source.label, "versions": versions}
    raise SystemExit(f"{source.label} has no CRD of kind {source.kind}")


def without_descriptions(node: Any) -> Any:
    """A schema without texts for readers; a property may be called `description`, but its value is not a string."""
    if isinstance(node, list):
        return [without_descriptions(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {word: without_descriptions(held) for word, held in node.items() if not _is_description(word, held)}


def _is_description(word: str, held: Any) -> bool:
    return word == "description" and isinstance(held, str)


def text_of(source: Source, clones: dict[str, str]) -> str:
    if source.is_repository:
        if source.origin not in clones:
            raise SystemExit(f"name a clone of {source.origin}: --clone {source.origin}=FOLDER")
        return _output("git", "-C", clones[source.origin], "show", f"{source.release}:{source.path}")
    found = json.loads(_output("go", "mod", "download", "-json", f"{source.origin}@{source.release}"))
    return (Path(found["Dir"]) / source.path).read_text(encoding="utf-8")


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.provider_crds", description=__doc__)
    parser.add_argument("--clone", action="append", default=[], metavar="REPOSITORY=FOLDER")
    clones = dict(pair.split("=", 1) for pair in parser.parse_args(arguments).clone)
    data = {source.kind: entry(source, text_of(source, clones)) for source in SOURCES}
    DATA.write_text(json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
