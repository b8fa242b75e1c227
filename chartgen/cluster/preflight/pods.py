"""Whether pods serve behind a Service, and the command that starts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.resources import DEPLOYMENTS, PODS
from chartgen.cluster.preflight.context import (
    Context,
    labels_of,
    matches,
    name_of,
    namespace_of,
    pod_labels_of,
    ready_pods,
)
from chartgen.flagger.canary import as_list, as_mapping
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Mapping


def ready_behind(context: Context, service: Mapping[str, Any], namespace: str) -> int:
    """How many ready pods a Service selects."""
    selector = value_at(service, ("spec", "selector"))
    pods = [each for each in context.source.items(PODS, namespace) if matches(selector, labels_of(each))]
    return len(list(ready_pods(pods)))


def has_port(service: Mapping[str, Any], port: int) -> bool:
    """Whether a Service listens on the port."""
    return any(as_mapping(each).get("port") == port for each in as_list(value_at(service, ("spec", "ports"))))


def scale_up(context: Context, namespace: str, selector: Any) -> str:
    """The command that starts the Deployment whose pods a selector wants; empty if none is scaled to 0."""
    for deployment in context.source.items(DEPLOYMENTS, namespace):
        if matches(selector, pod_labels_of(deployment)) and value_at(deployment, ("spec", "replicas")) == 0:
            words = ("scale", f"deployment/{name_of(deployment)}", "--replicas=1")
            return context.command(*words, namespace=namespace_of(deployment))
    return ""
