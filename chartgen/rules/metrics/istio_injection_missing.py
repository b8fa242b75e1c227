"""Builtin metrics for pods without a sidecar, which have no Istio metrics."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import labels_of, namespace_of, pod_route, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_INJECT = "sidecar.istio.io/inject"


class IstioInjectionMissing(CanaryRule):
    id = "istio-injection-missing"
    severity = Severity.ERROR
    summary = "Istio metrics for pods without a sidecar"
    tags = ("metrics", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        builtin = any(metric.is_builtin for metric in canary.metrics)
        if canary.provider(self.cluster) != "istio" or not canary.analyses or target is None or not builtin:
            return
        for part in ("annotations", "labels"):
            at = (*pod_route(target), "metadata", part, _INJECT)
            if str(target.get(at)).lower() == "false":
                reason = f"the pods of {target.name} disable the sidecar"
                yield Problem(_message(reason), at=at, manifest=target)
        yield from self._namespace_not_injected(canary, target, rendering)
        for namespace in rendering.of_kind("Namespace"):
            labels = labels_of(namespace.get(("metadata", "labels")))
            # Ambient mode has a rule of its own.
            ambient = labels.get("istio.io/dataplane-mode") == "ambient"
            enabled = labels.get("istio-injection") == "enabled" or "istio.io/rev" in labels or ambient
            if namespace.name == namespace_of(canary.manifest, rendering) and not enabled:
                reason = f"Namespace {namespace.name} has neither the label istio-injection: enabled nor istio.io/rev"
                yield Problem(_message(reason), at=("metadata",), manifest=namespace)

    def _namespace_not_injected(self, canary: Canary, target: Manifest, rendering: Rendering) -> Iterator[Problem]:
        """The cluster doesn't inject sidecars into the namespace, and the pods don't ask for one themselves."""
        namespace, injected = namespace_of(canary.manifest, rendering), self.cluster.injected_namespaces
        metadata = (*pod_route(target), "metadata")
        requests_sidecar = any(
            str(target.get((*metadata, part, _INJECT))) == "true" for part in ("annotations", "labels")
        )
        if injected and not requests_sidecar and not any(fnmatchcase(namespace, glob) for glob in injected):
            reason = f"namespace {namespace} isn't in injected-namespaces ({', '.join(injected)})"
            yield Problem(_message(reason), at=("spec", "provider"))


def _message(reason: str) -> str:
    return f"{reason}: without a sidecar there are no Istio metrics, and every builtin check fails"
