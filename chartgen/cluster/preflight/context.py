"""What every check sees: the Canary, the objects of its release, the cluster, and Flagger's installation."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.resources import SERVICES
from chartgen.cluster.preflight.check import Check, Status
from chartgen.flagger.canary import as_list, as_mapping, as_str, read_canary
from chartgen.flagger.providers import provider_of
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chartgen.cluster.access.resources import Resource
    from chartgen.cluster.access.source import Object, Source
    from chartgen.cluster.preflight.installation import Installation
    from chartgen.flagger.canary import Canary
    from chartgen.flagger.providers import Provider


@dataclass(frozen=True, slots=True)
class Context:
    """One preflight. `objects` are those of the chart; `release` is its name, empty for plain manifests.

    `kubectl`: the program and options that reach the same cluster. `flagger`: None if it isn't installed.
    `keeps_service`: the chart's templates ask the cluster for the live Service, as those of add-canary do.
    """

    canary: Canary
    objects: tuple[Mapping[str, Any], ...]
    release: str
    source: Source
    kubectl: tuple[str, ...]
    flagger: Installation | None
    keeps_service: bool = False

    @property
    def namespace(self) -> str:
        return self.canary.names.namespace

    @property
    def provider(self) -> Provider:
        return provider_of(self.canary.provider)

    def command(self, *words: str, namespace: str | None = None) -> str:
        """A kubectl command, quoted for a shell."""
        scope = ("--namespace", self.namespace if namespace is None else namespace)
        return shlex.join([*self.kubectl, *(scope if scope[1] else ()), *words])

    def helm(self, *words: str) -> str:
        """A helm command for the same cluster, quoted for a shell."""
        options = ["--kube-context" if word == "--context" else word for word in self.kubectl[1:]]
        return shlex.join(["helm", *words, *options])

    def apply(self, document: Mapping[str, Any]) -> str:
        """The command that creates an object."""
        text = shlex.quote(json.dumps(document))
        return f"printf %s {text} | {shlex.join([*self.kubectl, 'apply', '-f', '-'])}"

    def rendered(self, kind: str, namespace: str, name: str) -> Mapping[str, Any] | None:
        """The object of the chart, None if the chart doesn't render it."""
        return next((each for each in self.objects if _is(each, kind, namespace, name)), None)

    def find(self, resource: Resource, namespace: str, name: str) -> Mapping[str, Any] | None:
        """The object of the chart, else that of the cluster."""
        return self.rendered(resource.kind, namespace, name) or self.source.get(resource, namespace, name)

    def target(self) -> Mapping[str, Any] | None:
        """The workload that the Canary manages: the chart's, else the cluster's."""
        from chartgen.cluster.access.resources import WORKLOADS

        resource = WORKLOADS.get(self.canary.target_kind)
        return self.find(resource, self.namespace, self.canary.names.target) if resource else None

    def service_of_host(self, host: str, home: str) -> tuple[str, str] | None:
        """Namespace and name of the Service that a host inside the cluster names, None for any other host."""
        labels = host.lower().split(".")
        if len(labels) == 1:
            return home, labels[0]
        inside = len(labels) == 2 or labels[2] == "svc"  # noqa: PLR2004 - name.namespace, name.namespace.svc…
        return (labels[1], labels[0]) if inside else None

    def service(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        return self.find(SERVICES, namespace, name)


def canary_with_provider(document: Mapping[str, Any], flagger: Installation | None) -> Canary:
    """The Canary, with Flagger's own provider if it doesn't name one."""
    canary = read_canary(document)
    named = as_str(as_mapping(document.get("spec")).get("provider"))
    return canary if named or flagger is None else replace(canary, provider=flagger.provider)


def name_of(body: Mapping[str, Any] | Object) -> str:
    """The object's name."""
    return as_str(as_mapping(body.get("metadata")).get("name"))


def namespace_of(body: Mapping[str, Any]) -> str:
    """The object's namespace."""
    return as_str(as_mapping(body.get("metadata")).get("namespace"))


def labels_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object's labels."""
    return as_mapping(value_at(body, ("metadata", "labels")))


def annotations_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object's annotations."""
    return as_mapping(value_at(body, ("metadata", "annotations")))


def pod_labels_of(workload: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The labels of the workload's pods."""
    return as_mapping(value_at(workload, ("spec", "template", "metadata", "labels")))


def ok(id_: str, subject: str, message: str) -> Check:
    """A check that passed."""
    return Check(id_, Status.OK, subject, message)


def warning(id_: str, subject: str, message: str, command: str = "") -> Check:
    """A check that found something to look at."""
    return Check(id_, Status.WARNING, subject, message, command)


def blocker(id_: str, subject: str, message: str, command: str = "") -> Check:
    """A check that found what stops the canary."""
    return Check(id_, Status.BLOCKER, subject, message, command)


def skipped(id_: str, subject: str, message: str, command: str = "") -> Check:
    """A check that couldn't be made."""
    return Check(id_, Status.SKIPPED, subject, message, command)


def matches(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Whether a Service's selector selects pods with these labels; an empty one selects none."""
    chosen = as_mapping(selector)
    return bool(chosen) and all(labels.get(key) == value for key, value in chosen.items())


def ready_pods(pods: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The pods that serve: Ready and not being deleted."""
    for pod in pods:
        conditions = map(as_mapping, as_list(value_at(pod, ("status", "conditions"))))
        is_ready = any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)
        if is_ready and not as_mapping(pod.get("metadata")).get("deletionTimestamp"):
            yield pod


def _is(body: Mapping[str, Any], kind: str, namespace: str, name: str) -> bool:
    same_place = namespace_of(body) in {"", namespace}
    return body.get("kind") == kind and name_of(body) == name and same_place
