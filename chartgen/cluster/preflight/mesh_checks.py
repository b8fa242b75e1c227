"""The provider's APIs, and the namespace with its proxies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.cluster.access.resources import CRDS, NAMESPACES
from chartgen.cluster.access.source import served_versions
from chartgen.cluster.preflight.context import (
    Context,
    annotations_of,
    blocker,
    labels_of,
    ok,
    pod_labels_of,
    warning,
)
from chartgen.flagger.canary import as_mapping
from chartgen.flagger.providers import ISTIO
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from chartgen.cluster.preflight.check import Check

# How each project's own documentation installs it, by the first word of the provider.
_INSTALL = {
    "istio": "istioctl install",
    "linkerd": "linkerd install --crds | kubectl apply -f - && linkerd install | kubectl apply -f -",
    "kuma": "kumactl install control-plane | kubectl apply -f -",
    "osm": "osm install",
    "gatewayapi": "kubectl apply -f"
    " https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.4.1/standard-install.yaml",
    "contour": "kubectl apply -f https://projectcontour.io/quickstart/contour.yaml",
    "traefik": "helm upgrade --install traefik oci://ghcr.io/traefik/helm/traefik -n traefik --create-namespace",
}
# Of a pod: asks for a sidecar, or declines it, whatever its namespace says.
_POD_INJECT = "sidecar.istio.io/inject"
_REVISION, _AMBIENT = "istio.io/rev", ("istio.io/dataplane-mode", "ambient")


def check_apis(context: Context) -> Iterator[Check]:
    """Whether the API server serves what the provider's router reads and writes."""
    served: list[str] = []
    for api in context.provider.apis:
        group, version, plural = api.split("/")
        reason = _not_served(context, group, version, plural)
        if reason:
            name = context.provider.name
            message = f"provider {name} needs {group}/{version}, but {reason}: every tick fails"
            yield blocker("provider-api", f"API {plural}.{group}", message, _INSTALL.get(name.partition(":")[0], ""))
        else:
            served.append(f"{plural}.{group}/{version}")
    if served:
        yield ok("provider-api", f"API {context.provider.name}", f"served: {', '.join(served)}")


def _not_served(context: Context, group: str, version: str, plural: str) -> str:
    """Why the API server doesn't serve a version of a kind; empty if it does."""
    if group == "networking.k8s.io":
        return "" if version in context.source.served(group) else "it isn't served"
    crd = context.source.get(CRDS, "", f"{plural}.{group}")
    if crd is None:
        return "its CRD isn't installed"
    versions = served_versions(crd)
    return "" if version in versions else f"the CRD serves {', '.join(versions)}"


def check_namespace(context: Context) -> Iterator[Check]:
    """Whether the namespace exists."""
    subject = f"Namespace {context.namespace}"
    if context.find(NAMESPACES, "", context.namespace) is None:
        command = context.command("create", "namespace", context.namespace, namespace="")
        yield blocker("namespace", subject, "doesn't exist", command)
    else:
        yield ok("namespace", subject, "exists")


def check_injection(context: Context) -> Iterator[Check]:
    """Whether the pods get the proxies whose metrics the builtin checks ask for."""
    injection, namespace = context.provider.injection, context.find(NAMESPACES, "", context.namespace)
    if injection is None or namespace is None:
        return
    kind, key, value = injection
    subject = f"Namespace {context.namespace}"
    pods = {**pod_labels_of(context.target()), **_pod_annotations(context.target())}
    if is_injected(namespace, context.provider.name, injection) or _asks(pods, key, value):
        yield ok("injection", subject, "its pods get a sidecar")
        return
    builtin = any(metric.is_builtin for metric in context.canary.analysis.metrics)
    verb = "label" if kind == "label" else "annotate"
    command = context.command(verb, "namespace", context.namespace, f"{key}={value}", "--overwrite", namespace="")
    if context.provider is ISTIO and labels_of(namespace).get(_AMBIENT[0]) == _AMBIENT[1]:
        message = "ambient mode: no sidecar counts requests, and Flagger's builtin metrics find no values"
        yield warning("injection", subject, message, command)
    elif builtin:
        message = f"has no {kind} {key}={value}: without a sidecar there are no metrics, and every builtin check fails"
        yield blocker("injection", subject, f"{message}; restart its pods afterwards", command)
    else:
        yield warning("injection", subject, f"has no {kind} {key}={value}: its pods get no sidecar", command)


def is_injected(namespace: Mapping[str, Any], provider: str, injection: tuple[str, str, str]) -> bool:
    """Whether a namespace's pods get the provider's proxies by themselves."""
    _, key, value = injection
    given = {**annotations_of(namespace), **labels_of(namespace)}
    return given.get(key) == value or (provider == ISTIO.name and key not in given and _REVISION in given)


def _asks(pods: Mapping[str, Any], key: str, value: str) -> bool:
    return pods.get(_POD_INJECT) == "true" or pods.get(key) == value


def _pod_annotations(workload: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return as_mapping(value_at(workload, ("spec", "template", "metadata", "annotations")))
