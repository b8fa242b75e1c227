"""The steps on a live release whose chart is rendered without a cluster: by Argo CD, Flux, or `helm template`.

While the canary is on, such a chart renders neither its Service nor its replicas: Flagger owns both. Before that, the
tool that applied them must let go of them, or it deletes the Service and resets the replicas to 1.

The steps with kubectl were observed on a real API server with Flagger 1.44 (tests/e2e/delivered_journeys.py).
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from chartgen.rules.cluster import Cluster
from chartgen.rules.reading.neighbours import selector_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.canary.planner import PlannedCanary
    from chartgen.manifests.manifest import Manifest

# How each delivery brings a change of the values to the cluster.
_CHANGES = {
    "argocd": "let Argo CD sync",
    "flux": "let Flux reconcile",
    "rendered": "render the chart and apply it",
}
_WHO = {"argocd": "Argo CD", "flux": "Flux", "rendered": "kubectl apply"}
_PRUNES = {
    "argocd": "argocd.argoproj.io/sync-options=Prune=false argocd.argoproj.io/compare-options=IgnoreExtraneous",
    "flux": "kustomize.toolkit.fluxcd.io/prune=disabled helm.sh/resource-policy=keep",
}
# What Flagger annotates a Service with that it changes (pkg/router/util.go:filterMetadata): Flux leaves it alone then.
_FLAGGERS = {"flux": {"kustomize.toolkit.fluxcd.io/reconcile": None, "helm.toolkit.fluxcd.io/driftDetection": None}}
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration-"
_APPLYSET = "applyset.kubernetes.io/part-of-"
_MANAGER = "--field-manager=flagger-handover"


def handover(planned: PlannedCanary) -> str:
    """The WARNING with the steps before the canary is switched on."""
    who, drops = _WHO[planned.options.delivery], _dropped(planned)
    heading = (
        f"WARNING: while the canary is on, the chart doesn't render {drops}: Flagger owns them then. Before you switch"
        f" it on, make {who} leave them alone, or the app loses its Service or falls to 1 replica:"
    )
    steps = (f"  {number}. {step}" for number, step in enumerate(steps_before(planned), start=1))
    return "\n".join([heading, *steps])


def _dropped(planned: PlannedCanary) -> str:
    service = f"the Service {planned.analysis.surroundings.apex}" if planned.drops_service else ""
    replicas = f"the replicas of {planned.analysis.target.name}" if planned.drops_replicas else ""
    return " and ".join(part for part in (service, replicas) if part)


def needs_handover(planned: PlannedCanary) -> bool:
    """Whether the chart leaves something out while the canary is on."""
    return not planned.options.asks_cluster and bool(_dropped(planned))


def steps_before(planned: PlannedCanary) -> Iterator[str]:
    """What to do before the canary is switched on, so that nothing is deleted or reset."""
    delivery, namespace = planned.options.delivery, namespace_of(planned)
    service = f"service/{planned.analysis.surroundings.apex}" if planned.drops_service else ""
    deployment = f"deployment/{planned.analysis.target.name}" if planned.drops_replicas else ""
    if delivery in {"argocd", "flux"} and deployment:
        object_ = "Application" if delivery == "argocd" else "HelmRelease, if it corrects drift,"
        name = ["--release-name", planned.options.release_name] if planned.options.release_name else []
        words = ["chartgen", "ignore-differences", delivery, str(planned.root), *name]
        command = shlex.join([*words, *planned.options.sources.arguments])
        yield f"add to the {object_} what this prints: {command}"
    if delivery in _PRUNES and service:
        yield f"kubectl annotate {service} {namespace}{manager_option(delivery)} {_PRUNES[delivery]}"
    if delivery == "rendered":
        both = " ".join(part for part in (service, deployment) if part)
        yield f"with client-side apply: kubectl annotate {both} {namespace} {_LAST_APPLIED}"
        if service:
            yield f"with --applyset: kubectl label {service} {namespace} {_APPLYSET}"
    if delivery in {"flux", "rendered"} and deployment:
        when = "with --server-side: " if delivery == "rendered" else ""
        yield f"{when}{_second_owner(planned.analysis.target.name, namespace)}   (N: the live number of replicas)"
    if delivery == "flux" and deployment:
        yield (
            "for a HelmRelease, run add-canary --delivery helm instead: helm-controller renders with the cluster, which"
            " needs none of these steps, and Helm 3 resets the replicas in spite of them"
        )


def manager_option(delivery: str) -> str:
    """The option of kubectl without which Flux undoes the change of an object that it still applies.

    kustomize-controller takes over the fields of each manager whose name begins with `kubectl`, and so removes those
    that aren't in its manifests.
    """
    return f" {_MANAGER}" if delivery == "flux" else ""


def _second_owner(name: str, namespace: str) -> str:
    """The command that makes a second field manager own the replicas: they stay when the first one drops them."""
    owned = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": "N"},
    }
    text = json.dumps(owned, separators=(",", ":")).replace('"N"', "N")
    return f"echo '{text}' | kubectl apply {namespace} --server-side {_MANAGER} -f -"


def steps_on(planned: PlannedCanary) -> Iterator[str]:
    """How the canary is switched on after `steps_before`."""
    toggle = f"{planned.options.slot.key}.{planned.options.toggle}"
    yield f"set {toggle}: true in the values of the release, and {_CHANGES[planned.options.delivery]}"
    if planned.options.delivery == "rendered" and planned.analysis.target.kind == "Deployment":
        # Flagger copies the target's annotations to the primary when it creates it, this one among them.
        primary = f"deployment/{planned.analysis.target.name}-primary {namespace_of(planned)}"
        yield f"with --prune --all: kubectl annotate {primary} {_LAST_APPLIED}   (as soon as it exists)"


def replicas_risk(planned: PlannedCanary) -> str | None:
    """That a first installation with the canary on has fewer replicas than the chart asks for; None if it hasn't."""
    if not planned.drops_replicas:
        return None
    toggle = f"{planned.options.slot.key}.{planned.options.toggle}"
    primary = f"deployment/{planned.analysis.target.name}-primary"
    return (
        "a first installation with the canary on has 1 replica: the chart doesn't render its replicas then. Install"
        f" with {toggle}: false first, or run: kubectl scale {primary} {namespace_of(planned)} --replicas=N"
    )


def steps_off(planned: PlannedCanary) -> Iterator[str]:
    """The rest of switching off, once the Canary is suspended and the target scaled up."""
    target = planned.analysis.target
    change = f"set {planned.options.slot.key}.{planned.options.toggle}: false"
    service = planned.analysis.surroundings.service if planned.drops_service else None
    apex = service.name if service else None
    selector = _whole_selector(target, service) if service else {}
    yield from last_steps(planned.options.delivery, target.name, apex, namespace_of(planned), change, selector)


def last_steps(
    delivery: str, target: str, service: str | None, namespace: str, change: str, selector: Mapping[str, object]
) -> Iterator[str]:
    """The steps from the `change` on that takes the Canary away; `selector` is to be merged into that of the Service.

    Kubernetes would delete a Service that Flagger created with the Canary that owns it. With Flagger's annotations,
    kustomize-controller would leave its selector at the primary.
    """
    if service:
        annotations = {"annotations": _FLAGGERS[delivery]} if delivery in _FLAGGERS else {}
        spec = {"spec": {"selector": selector}} if selector else {}
        patch = json.dumps({"metadata": {"ownerReferences": None, **annotations}, **spec}, separators=(",", ":"))
        yield f"kubectl patch service/{service} {namespace} --type=merge --patch={shlex.quote(patch)}"
    forced = "   (with --server-side, add --force-conflicts)" if delivery == "rendered" else ""
    yield f"{change}, and {_CHANGES[delivery]}{forced}"
    if delivery == "rendered":
        yield f"kubectl delete canary/{target} {namespace} --ignore-not-found"
    elif service:
        removed = " ".join(f"{word.split('=')[0]}-" for word in _PRUNES[delivery].split())
        yield f"kubectl annotate service/{service} {namespace} {removed}"


def _whole_selector(target: Manifest, service: Manifest) -> dict[str, object]:
    """The chart's selector without Flagger's label, if a client-side apply would leave that in; else empty."""
    label = selector_label(target, Cluster().selector_labels)
    selector = service.get(("spec", "selector")) or {}
    return {**selector, label[0]: None} if label and label[0] not in selector else {}


def repeated(namespaces: tuple[str, ...]) -> Iterator[str]:
    """That the steps, which name the first namespace, are for the others, too; nothing for one or any."""
    if namespaces[1:]:
        yield f"The steps are for namespace {namespaces[0]}. Repeat them for {' and '.join(namespaces[1:])}."


def namespace_of(planned: PlannedCanary) -> str:
    """The option of kubectl for the release's namespace."""
    return f"--namespace {planned.options.namespaces[0] if planned.options.namespaces else 'NAMESPACE'}"
