"""A Knative Service that loses the annotation in which Flagger keeps its primary revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_mapping
from chartgen.flagger.schedule.targets.knative import PRIMARY_REVISION
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, is_knative
from chartgen.rules.rule import CLUSTER_WIDE, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_SYNC, _FORCE = "argocd.argoproj.io/sync-options", "kustomize.toolkit.fluxcd.io/force"


class KnativeServiceReplaced(CanaryRule):
    id = "knative-service-replaced"
    severity = Severity.ERROR
    summary = "Knative Service that is replaced, which takes an annotation away and crashes Flagger"
    tags = ("providers", CLUSTER_WIDE)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if not canary.fields.knative_target or canary.provider(self.cluster) != "knative":
            return
        for service in in_same_namespace(canary.manifest, rendering, "Service"):
            if service.name != canary.target or not is_knative(service):
                continue
            annotations = as_mapping(service.get(("metadata", "annotations")))
            for key, value in annotations.items():
                how = _how_replaced(key, str(value))
                if how:
                    yield Problem(
                        f"{how}: the Service loses the annotation {PRIMARY_REVISION}, the whole Flagger process "
                        "crashes at the next tick, and the new revision counts as the primary without an analysis; let "
                        "the Service be updated",
                        at=("metadata", "annotations", key),
                        manifest=service,
                    )


def _how_replaced(key: str, value: str) -> str | None:
    """What the annotation makes of the Service with each release, None if it is updated."""
    options = {each.strip() for each in value.split(",")}
    if key == _SYNC and "Replace=true" in options:
        return "Argo CD replaces the Service at every sync"
    if key == _FORCE and value.lower() in {"enabled", "true"}:
        return "Flux replaces the Service if a field can't be changed"
    if key == "helm.sh/hook":
        return "Helm deletes and creates the Service, a hook, with every release"
    if key == PRIMARY_REVISION:
        return "the release sets Flagger's own annotation and takes it away when it stops to"
    return None
