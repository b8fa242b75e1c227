"""A Skipper Ingress without annotations, which crashes Flagger for every Canary in the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import in_same_namespace
from chartgen.rules.rule import CLUSTER_WIDE, Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class SkipperIngressWithoutAnnotations(Rule):
    id = "skipper-ingress-without-annotations"
    severity = Severity.ERROR
    summary = "Skipper Ingress without annotations, which crashes Flagger"
    tags = (CLUSTER_WIDE, "providers")

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        canary = Canary(manifest)
        if canary.provider(self.cluster) != "skipper":
            return
        for ingress in in_same_namespace(manifest, rendering, "Ingress"):
            is_referenced = ingress.name == canary.field("ingressRef", "name")
            if is_referenced and not ingress.get(("metadata", "annotations")):
                yield Problem(
                    f"Ingress {ingress.name} has no annotations: Flagger crashes after every start, and no Canary in "
                    "the cluster advances; add any annotation",
                    at=("metadata",),
                    manifest=ingress,
                )
