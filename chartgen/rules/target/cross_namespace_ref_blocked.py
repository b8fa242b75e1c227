"""A reference to another namespace if Flagger runs with -no-cross-namespace-refs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import namespace_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class CrossNamespaceRefBlocked(CanaryRule):
    id = "cross-namespace-ref-blocked"
    severity = Severity.ERROR
    summary = "reference to another namespace, which the cluster's Flagger forbids"
    tags = ("references",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if self.cluster.cross_namespace_refs:
            return
        home = namespace_of(canary.manifest, rendering)
        refs = [((*metric.at, "templateRef", "namespace"), metric.body.get("templateRef")) for metric in canary.metrics]
        refs += [((*at, "providerRef", "namespace"), alert.get("providerRef")) for at, alert in canary.alerts]
        refs.append((("spec", "upstreamRef", "namespace"), canary.field("upstreamRef")))
        for at, ref in refs:
            namespace = ref.get("namespace") if isinstance(ref, dict) else None
            if namespace and namespace != home:
                yield Problem(
                    f"namespace {namespace} isn't the Canary's ({home}): with -no-cross-namespace-refs Flagger never "
                    "schedules the Canary and reports it only in its log",
                    at=at,
                )
