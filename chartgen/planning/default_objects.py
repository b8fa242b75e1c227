"""Objects that the input doesn't contain and the plan assumes to exist in the cluster, each with a note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.flagger.canary import Canary
    from chartgen.planning.request import CanaryContext

_WORKLOADS = ("Deployment", "DaemonSet")
_SCALERS = {"HorizontalPodAutoscaler": "autoscaling/v2", "ScaledObject": "keda.sh/v1alpha1"}


@dataclass(frozen=True, slots=True)
class DefaultObject:
    """One assumed object, and the note that says so."""

    body: Mapping[str, Any]
    note: str


def cluster_objects(context: CanaryContext, canary: Canary) -> tuple[list[Mapping[str, Any]], tuple[str, ...]]:
    """All objects around the Canary, and a note on each assumed one.

    If a chart doesn't render an object it should render, the object is missing. Only MetricTemplates of other
    namespaces are assumed to exist. For a Canary without a chart, every object that it references is assumed to exist.
    """
    referenced = _referenced_objects(context, canary) if context.only_flagger_objects else ()
    assumed = [*_metric_templates(context, canary), *referenced]
    return [*context.objects, *(each.body for each in assumed)], tuple(each.note for each in assumed)


def _metric_templates(context: CanaryContext, canary: Canary) -> Iterator[DefaultObject]:
    references = dict.fromkeys(metric.template for metric in canary.analysis.metrics if metric.template)
    for name, namespace in references:
        assumable = context.only_flagger_objects or namespace != canary.names.namespace
        if assumable and not _exists(context, "MetricTemplate", name, namespace):
            body = _object("flagger.app/v1beta1", "MetricTemplate", name, namespace)
            body["spec"] = {"provider": {"type": "prometheus", "address": "http://prometheus:9090"}, "query": "1"}
            yield DefaultObject(body, _note(f"MetricTemplate {name} in namespace {namespace}"))


def _referenced_objects(context: CanaryContext, canary: Canary) -> Iterator[DefaultObject]:
    names, namespace = canary.names, canary.names.namespace
    if canary.target_kind in _WORKLOADS and not _exists(context, canary.target_kind, names.target, namespace):
        note = _note(f"{canary.target_kind} {names.target}")
        yield DefaultObject(_workload(canary), f"{note}, with pods that have no probes")
    scaler = canary.autoscaler
    if scaler and not _exists(context, scaler.kind, scaler.name, namespace):
        body = _object(_SCALERS.get(scaler.kind, "autoscaling/v2"), scaler.kind, scaler.name, namespace)
        reference = {"apiVersion": "apps/v1", "kind": canary.target_kind, "name": names.target}
        body["spec"] = {"scaleTargetRef": reference, "minReplicas": 1, "maxReplicas": 2, "triggers": []}
        yield DefaultObject(body, _note(f"{scaler.kind} {scaler.name}"))
    if canary.ingress and not _exists(context, "Ingress", canary.ingress, namespace):
        yield DefaultObject(_ingress(canary), f"{_note(f'Ingress {canary.ingress}')}, with backend {names.apex}")


def _note(reference: str) -> str:
    return f"{reference} isn't in the input: assumed to exist"


def _exists(context: CanaryContext, kind: str, name: str, namespace: str) -> bool:
    return any(
        body.get("kind") == kind
        and (body.get("metadata") or {}).get("name") == name
        and (body.get("metadata") or {}).get("namespace", namespace) == namespace
        for body in context.objects
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
    # With provider skipper, an Ingress without annotations crashes Flagger.
    body["metadata"]["annotations"] = {"kubernetes.io/ingress.class": canary.provider}
    body["spec"] = {"rules": [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]}
    return body
