"""Objects that the input doesn't contain and the plan assumes to exist in the cluster, each with a note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.flagger.canary import as_mapping
from chartgen.flagger.groups import of_flaggers_groups
from chartgen.flagger.schedule.configs import references
from chartgen.flagger.schedule.metric_providers import secret_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chartgen.flagger.canary import Canary
    from chartgen.planning.request import CanaryContext

_WORKLOADS = ("Deployment", "DaemonSet")
_SCALERS = {"HorizontalPodAutoscaler": "autoscaling/v2", "ScaledObject": "keda.sh/v1alpha1"}


class DefaultObject(NamedTuple):
    """One assumed object, and the note that says so."""

    body: Mapping[str, Any]
    note: str


def cluster_objects(context: CanaryContext, canary: Canary) -> tuple[list[Mapping[str, Any]], tuple[str, ...]]:
    """All objects around the Canary, and a note on each assumed one.

    If a chart doesn't render an object it should render, the object is missing. Only MetricTemplates of other
    namespaces are assumed to exist. For a Canary without a chart, every object that it references is assumed to exist.
    """
    context = context._replace(objects=tuple(of_flaggers_groups(context.objects, canary)))
    referenced = _referenced_objects(context, canary) if context.only_flagger_objects else ()
    assumed = [*_metric_templates(context, canary), *referenced]
    if context.only_flagger_objects:
        assumed += _used_configs([*context.objects, *(each.body for each in assumed)], canary)
    return [*context.objects, *(each.body for each in assumed)], tuple(each.note for each in assumed)


def _metric_templates(context: CanaryContext, canary: Canary) -> Iterator[DefaultObject]:
    references = dict.fromkeys(metric.template for metric in canary.analysis.metrics if metric.template)
    for name, namespace in references:
        assumable = context.only_flagger_objects or namespace != canary.names.namespace
        if assumable and not _exists(context.objects, "MetricTemplate", name, namespace):
            body = _object("flagger.app/v1beta1", "MetricTemplate", name, namespace)
            body["spec"] = {"provider": {"type": "prometheus", "address": "http://prometheus:9090"}, "query": "1"}
            yield DefaultObject(body, _note(f"MetricTemplate {name} in namespace {namespace}"))


def _referenced_objects(context: CanaryContext, canary: Canary) -> Iterator[DefaultObject]:
    names, namespace = canary.names, canary.names.namespace
    if canary.target_kind in _WORKLOADS and not _exists(context.objects, canary.target_kind, names.target, namespace):
        note = _note(f"{canary.target_kind} {names.target}")
        yield DefaultObject(_workload(canary), f"{note}, with pods that have no probes")
    if canary.target_kind == "Service" and not _exists(context.objects, "Service", names.target, namespace):
        yield DefaultObject(_service(canary), _note(f"Service {names.target}"))
    scaler = canary.autoscaler
    if scaler and not _exists(context.objects, scaler.kind, scaler.name, namespace):
        body = _object(_SCALERS.get(scaler.kind, "autoscaling/v2"), scaler.kind, scaler.name, namespace)
        reference = {"apiVersion": "apps/v1", "kind": canary.target_kind, "name": names.target}
        body["spec"] = {"scaleTargetRef": reference, "minReplicas": 1, "maxReplicas": 2, "triggers": []}
        yield DefaultObject(body, _note(f"{scaler.kind} {scaler.name}"))
    if canary.ingress and not _exists(context.objects, "Ingress", canary.ingress, namespace):
        yield DefaultObject(_ingress(canary), f"{_note(f'Ingress {canary.ingress}')}, with backend {names.apex}")
    if canary.route and not _exists(context.objects, "ApisixRoute", canary.route, namespace):
        yield DefaultObject(_apisix_route(canary), f"{_note(f'ApisixRoute {canary.route}')}, with backend {names.apex}")
    upstream = as_mapping(canary.spec.get("upstreamRef"))
    if upstream.get("name") and canary.provider.startswith("gloo"):
        name, home = str(upstream["name"]), str(upstream.get("namespace") or "")
        if not _exists(context.objects, "Upstream", name, home):
            yield DefaultObject(_object("gloo.solo.io/v1", "Upstream", name, home), _note(f"Upstream {name}"))


def _used_configs(around: list[Mapping[str, Any]], canary: Canary) -> Iterator[DefaultObject]:
    """The ConfigMaps and Secrets of the target, and the Secrets of MetricTemplates, with every key that is read."""
    namespace = canary.names.namespace
    wanted: dict[tuple[str, str, str], None] = {}
    for body in around:
        metadata = as_mapping(body.get("metadata"))
        if body.get("kind") == canary.target_kind and metadata.get("name") == canary.names.target:
            template = as_mapping(as_mapping(body.get("spec")).get("template"))
            wanted |= {(kind, name, namespace): None for kind, name, mandatory in references(template) if mandatory}
        if body.get("kind") == "MetricTemplate":
            secret = as_mapping(as_mapping(as_mapping(body.get("spec")).get("provider")).get("secretRef"))
            if secret.get("name"):
                wanted["Secret", str(secret["name"]), str(metadata.get("namespace") or namespace)] = None
    for kind, name, home in wanted:
        if name and not _exists(around, kind, name, home):
            body = {**_object("v1", kind, name, home), "data": dict.fromkeys(secret_keys(), "")}
            yield DefaultObject(body, _note(f"{kind} {name}"))


def _note(reference: str) -> str:
    return f"{reference} isn't in the input: assumed to exist"


def _exists(objects: Iterable[Mapping[str, Any]], kind: str, name: str, namespace: str) -> bool:
    return any(
        body.get("kind") == kind
        and (body.get("metadata") or {}).get("name") == name
        and (body.get("metadata") or {}).get("namespace", namespace) == namespace
        for body in objects
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


def _service(canary: Canary) -> Mapping[str, Any]:
    body = _object(canary.target_api or "v1", "Service", canary.names.target, canary.names.namespace)
    template = {"spec": {"containers": [{"image": "app"}]}}
    ports = [{"name": "http", "port": canary.port or 80}]
    body["spec"] = {"template": template} if canary.knative_target else {"ports": ports}
    return body


def _apisix_route(canary: Canary) -> Mapping[str, Any]:
    body = _object("apisix.apache.org/v2", "ApisixRoute", canary.route, canary.names.namespace)
    backend = {"serviceName": canary.names.apex, "servicePort": canary.port}
    body["spec"] = {"http": [{"name": "app", "match": {"paths": ["/*"]}, "backends": [backend]}]}
    return body


def _ingress(canary: Canary) -> Mapping[str, Any]:
    body = _object("networking.k8s.io/v1", "Ingress", canary.ingress, canary.names.namespace)
    backend = {"service": {"name": canary.names.apex, "port": {"number": canary.port}}}
    # With provider skipper, an Ingress without annotations crashes Flagger.
    body["metadata"]["annotations"] = {"kubernetes.io/ingress.class": canary.provider}
    body["spec"] = {"rules": [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]}
    return body
