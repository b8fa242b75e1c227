"""What else the cluster has under the same names: other Canaries, and the live Service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.cluster.access.resources import CANARIES, SERVICES
from chartgen.cluster.preflight.context import Context, annotations_of, blocker, name_of, namespace_of, ok, warning
from chartgen.flagger.canary import as_list, as_mapping, as_str, read_canary
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from chartgen.cluster.preflight.check import Check

_RELEASE, _RELEASE_NAMESPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"
_MANAGED_BY = "app.kubernetes.io/managed-by"
_KEEP = "helm.sh/resource-policy"


def check_other_canaries(context: Context) -> Iterator[Check]:
    """Whether another Canary has the same target, Service or host."""
    names, clashes = context.canary.names, 0
    for body in context.source.items(CANARIES):
        if (namespace_of(body), name_of(body)) == (names.namespace, names.canary):
            continue
        reason = _clash(context, body)
        if reason:
            clashes += 1
            command = context.command("get", "canary", name_of(body), "-o", "yaml", namespace=namespace_of(body))
            yield blocker("other-canary", f"Canary {namespace_of(body)}/{name_of(body)}", reason, command)
    if not clashes:
        yield ok("other-canary", f"Canary {names.namespace}/{names.canary}", "no other Canary has its target or host")


def _clash(context: Context, body: Mapping[str, Any]) -> str:
    own, other = context.canary, read_canary(body)
    if other.names.namespace == own.names.namespace:
        if (other.target_kind, other.names.target) == (own.target_kind, own.names.target):
            return f"has the same target, {own.target_kind} {own.names.target}: both scale it and copy it"
        if other.names.apex == own.names.apex:
            return f"has the same Service, {own.names.apex}: both write its selector"
    shared = {str(each) for each in as_list(own.service.get("hosts"))} & {
        str(each) for each in as_list(other.service.get("hosts"))
    } - {"*"}
    if shared and _gateways(own.service) & _gateways(other.service):
        return f"has the same host, {', '.join(sorted(shared))}, on the same Gateway: one of them gets no requests"
    return ""


def _gateways(service: Mapping[str, Any]) -> set[str]:
    """The Gateways of a Canary, of either API, and "" for ingresses, which share them all."""
    refs = [as_mapping(each) for each in as_list(service.get("gatewayRefs"))]
    named = {str(each) for each in as_list(service.get("gateways")) if each != "mesh"}
    return named | {f"{as_str(each.get('namespace'))}/{as_str(each.get('name'))}" for each in refs}


def check_service_ownership(context: Context) -> Iterator[Check]:
    """Who owns the live Service with the apex name: this release, another one, Flagger, or nobody."""
    names = context.canary.names
    subject = f"Service {names.namespace}/{names.apex}"
    service = context.source.get(SERVICES, names.namespace, names.apex)
    if service is None:
        yield ok("service-owner", subject, "doesn't exist yet: Flagger creates it")
        return
    owners = [as_mapping(each) for each in as_list(value_at(service, ("metadata", "ownerReferences")))]
    canaries = [as_str(each.get("name")) for each in owners if each.get("kind") == CANARIES.kind]
    if canaries and names.canary not in canaries:
        message = f"belongs to Canary {canaries[0]}: Flagger won't take it over"
        yield blocker("service-owner", subject, message, context.command("get", "canary", canaries[0], "-o", "yaml"))
    elif canaries:
        yield ok("service-owner", subject, "belongs to the Canary")
    else:
        yield from _helm_owner(context, service, subject)


def _helm_owner(context: Context, service: Mapping[str, Any], subject: str) -> Iterator[Check]:
    notes, names = annotations_of(service), context.canary.names
    owner, home = as_str(notes.get(_RELEASE)), as_str(notes.get(_RELEASE_NAMESPACE))
    rendered = context.rendered("Service", names.namespace, names.apex) is not None
    adopt = _adopt(context)
    if owner and context.release and owner != context.release:
        message = f"belongs to Helm release {home}/{owner}, not to {context.release}: Helm rejects the upgrade"
        yield blocker("service-owner", subject, message, adopt)
    elif not owner and rendered and context.release:
        message = "belongs to no Helm release, but the chart renders it: Helm can't import it"
        yield blocker("service-owner", subject, message, adopt)
    elif owner and not rendered and not context.keeps_service and notes.get(_KEEP) != "keep":
        message = f"belongs to Helm release {owner}, and the chart doesn't render it: the next upgrade deletes it, and"
        command = context.command("annotate", "service", names.apex, f"{_KEEP}=keep", "--overwrite")
        yield warning("service-owner", subject, f"{message} until Flagger's next tick there is no Service", command)
    else:
        yield ok("service-owner", subject, f"belongs to Helm release {owner}" if owner else "Flagger takes it over")


def _adopt(context: Context) -> str:
    name = context.canary.names.apex
    label = context.command("label", "service", name, f"{_MANAGED_BY}=Helm", "--overwrite")
    notes = (f"{_RELEASE}={context.release}", f"{_RELEASE_NAMESPACE}={context.namespace}")
    return f"{label} && {context.command('annotate', 'service', name, *notes, '--overwrite')}"
