"""Gloo's RouteTable, with an Upstream for each version (pkg/router/gloo.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_int, as_list, as_mapping, as_str
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routers.split_kinds import Spec, Weights, weighted
from chartgen.flagger.schedule.routers.splits import Split, SplitRouter, without_weights
from chartgen.flagger.schedule.services import owned_metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.canary import Canary
    from chartgen.flagger.schedule.reconciliation import Reconciliation

UPSTREAM = "Upstream"


class GlooRouter(SplitRouter):
    def reconcile(self, run: Reconciliation) -> None:
        names = run.canary.names
        services = (("primary", names.primary_service), ("canary", names.canary_service))
        for role, service in services:
            try:
                _reconcile_upstream(run, role, service)
            except StepError as error:
                raise error.within(f"error creating flagger {role} upstream") from error
        SplitRouter.reconcile(self, run)


def _reconcile_upstream(run: Reconciliation, role: str, service: str) -> None:
    """createFlaggerUpstream: a copy of the Upstream that the Canary refers to, for one Service."""
    names = run.canary.names
    config, upstream = _config_upstream(run), _upstream(run.canary, role)["name"]
    live = run.objects.get((UPSTREAM, upstream))
    if live is None:
        kube = {"serviceName": service, "serviceNamespace": names.namespace, "servicePort": run.canary.port}
        spec = {**as_mapping(as_mapping(config).get("spec")), "kube": kube}
        run.put(UPSTREAM, upstream, {"kind": UPSTREAM, "metadata": owned_metadata(upstream), "spec": spec})
    elif config is not None:
        balancing = as_mapping(config.get("spec")).get("loadBalancerConfig")
        run.put(UPSTREAM, upstream, {**live, "spec": {**as_mapping(live.get("spec")), "loadBalancerConfig": balancing}})


def _config_upstream(run: Reconciliation) -> Mapping[str, Any] | None:
    """getGlooConfigUpstream: what `upstreamRef` names; Flagger's message names the Canary's namespace."""
    reference, own = run.canary.spec.get("upstreamRef"), run.canary.names.namespace
    if not isinstance(reference, dict):
        return None
    name, namespace = as_str(reference.get("name")), as_str(reference.get("namespace"))
    body = run.objects.get((UPSTREAM, name if namespace == own else f"{namespace}/{name}"))
    if body is None:
        missing = f'upstreams.gloo.solo.io "{name}" not found'
        raise StepError(f"config upstream {name}.{own} get query error: {missing}")
    return body


def _gloo(canary: Canary, primary: int, weight: int) -> Spec:
    destinations = [
        weighted({"destination": {"upstream": _upstream(canary, role)}}, share)
        for role, share in (("primary", primary), ("canary", weight))
    ]
    matchers = [
        _gloo_header(name, as_mapping(asked))
        for match in canary.analysis.match
        for name, asked in sorted(as_mapping(match.get("headers")).items())
    ]
    methods = [
        as_str(as_mapping(match.get("method")).get("exact")) for match in canary.analysis.match if match.get("method")
    ]
    route: Spec = {"inheritablePathMatchers": True}
    if matchers or methods:
        listed = (("headers", matchers), ("methods", methods))
        route["matchers"] = [{key: value for key, value in listed if value}]
    return {"routes": [{**route, "routeAction": {"multi": {"destinations": destinations}}}]}


def _gloo_header(name: str, asked: Mapping[str, Any]) -> Spec:
    regex = as_str(asked.get("regex"))
    value = regex or as_str(asked.get("exact"))
    header: Spec = {"name": name, "value": value} if value else {"name": name}
    return {**header, "regex": True} if regex else header


def _upstream(canary: Canary, role: str) -> Spec:
    names = canary.names
    return {"name": f"{names.namespace}-{names.apex}-{role}upstream-{canary.port}", "namespace": names.namespace}


def _gloo_destinations(spec: Mapping[str, Any]) -> list[Any]:
    routes = as_list(spec.get("routes"))
    action = as_mapping(as_mapping(routes[0]).get("routeAction")) if routes else {}
    return as_list(as_mapping(action.get("multi")).get("destinations"))


def _read_gloo(canary: Canary, spec: Mapping[str, Any]) -> Weights:
    wanted = _upstream(canary, "primary")["name"]
    for each in map(as_mapping, _gloo_destinations(spec)):
        if as_mapping(as_mapping(each.get("destination")).get("upstream")).get("name") == wanted:
            return as_int(each.get("weight")), None
    return None, None


def _bare_gloo(spec: Mapping[str, Any]) -> Any:
    routes = [as_mapping(each) for each in as_list(spec.get("routes"))]
    kept = [{key: value for key, value in each.items() if key != "routeAction"} for each in routes]
    return kept, without_weights(_gloo_destinations(spec))


GLOO = Split(
    kind="RouteTable",
    resource="routetables.gateway.solo.io",
    version="v1",
    spec=_gloo,
    read=_read_gloo,
    bare=_bare_gloo,
    missing="get query error:",
    called="query error:",
)
