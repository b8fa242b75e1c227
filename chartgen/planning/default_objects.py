"""Objects that are taken as standing in the cluster though no manifest at hand shows them, each with a note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.flagger.canary import Canary
    from chartgen.planning.request import Stage

_WORKLOADS = ("Deployment", "DaemonSet")
_SCALERS = {"HorizontalPodAutoscaler": "autoscaling/v2", "ScaledObject": "keda.sh/v1alpha1"}


@dataclass(frozen=True, slots=True)
class Assumed:
    """One object and the words that say it was assumed."""

    body: Mapping[str, Any]
    note: str


def surroundings(stage: Stage, canary: Canary) -> tuple[list[Mapping[str, Any]], tuple[str, ...]]:
    """All objects around the Canary, and notes on those that were assumed.

    A chart is taken at its word: what it should render and does not is missing. Metric templates of other namespaces
    come from elsewhere, and beside a lone Canary everything it names does.
    """
    assumed = [*_templates(stage, canary), *(_everything(stage, canary) if stage.alone else ())]
    return [*stage.objects, *(one.body for one in assumed)], tuple(one.note for one in assumed)


def _templates(stage: Stage, canary: Canary) -> Iterator[Assumed]:
    names = dict.fromkeys(metric.template for metric in canary.analysis.metrics if metric.template)
    for name, namespace in names:
        elsewhere = namespace != canary.names.namespace
        if (elsewhere or stage.alone) and not _known(stage, "MetricTemplate", name, namespace):
            body = _object("flagger.app/v1beta1", "MetricTemplate", name, namespace)
            body["spec"] = {"provider": {"type": "prometheus", "address": "http://prometheus:9090"}, "query": "1"}
            yield Assumed(body, f"MetricTemplate {name} in namespace {namespace} is taken as there")


def _everything(stage: Stage, canary: Canary) -> Iterator[Assumed]:
    names, namespace = canary.names, canary.names.namespace
    if canary.target_kind in _WORKLOADS and not _known(stage, canary.target_kind, names.target, namespace):
        yield Assumed(
            _workload(canary), f"{canary.target_kind} {names.target} is taken as there, its pods without probes"
        )
    scaler = canary.autoscaler
    if scaler and not _known(stage, scaler.kind, scaler.name, namespace):
        body = _object(_SCALERS.get(scaler.kind, "autoscaling/v2"), scaler.kind, scaler.name, namespace)
        reference = {"apiVersion": "apps/v1", "kind": canary.target_kind, "name": names.target}
        body["spec"] = {"scaleTargetRef": reference, "minReplicas": 1, "maxReplicas": 2, "triggers": []}
        yield Assumed(body, f"{scaler.kind} {scaler.name} is taken as there")
    if canary.ingress and not _known(stage, "Ingress", canary.ingress, namespace):
        yield Assumed(_ingress(canary), f"Ingress {canary.ingress} is taken as there, with {names.apex} behind it")


def _known(stage: Stage, kind: str, name: str, namespace: str) -> bool:
    return any(
        one.get("kind") == kind
        and (one.get("metadata") or {}).get("name") == name
        and (one.get("metadata") or {}).get("namespace", namespace) == namespace
        for one in stage.objects
    )


def _object(api_version: str, kind: str, name: str, namespace: str) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": namespace}}


def _workload(canary: Canary) -> Mapping[str, Any]:
    labels = {"app": canary.names.target}
    body = _object("apps/v1", canary.target_kind, canary.names.target, canary.names.namespace)
    port = canary.service.get("targetPort") or canary.port
    container = {"name": "app", "image": "app", "ports": [{"name": "http", "containerPort": port}]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    body["spec"] = {"selector": {"matchLabels": labels}, "template": template}
    if canary.target_kind == "Deployment":
        body["spec"]["replicas"] = 1
    return body


def _ingress(canary: Canary) -> Mapping[str, Any]:
    body = _object("networking.k8s.io/v1", "Ingress", canary.ingress, canary.names.namespace)
    backend = {"service": {"name": canary.names.apex, "port": {"number": canary.port}}}
    # An Ingress without annotations would take Flagger down with the provider skipper.
    body["metadata"]["annotations"] = {"kubernetes.io/ingress.class": canary.provider}
    body["spec"] = {"rules": [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]}
    return body
