"""Istio's VirtualService (pkg/router/istio.go)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_int, as_list, as_mapping, as_str
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routers import affinity
from chartgen.flagger.schedule.routers.destination_rules import reconcile_destination_rules
from chartgen.flagger.schedule.routers.router import (
    KUBECTL,
    ORIGINAL,
    apex_metadata,
    metadata_differs,
    put_route,
    wanted_metadata,
)
from chartgen.flagger.schedule.routes import TOTAL, Routes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.canary import Canary
    from chartgen.flagger.schedule.reconciliation import Reconciliation

KIND = "VirtualService"
Rule = dict[str, Any]
_STICKY = "sticky-route"
_SHAPED = ("rewrite", "timeout", "retries", "corsPolicy", "headers")


class IstioRouter:
    def reconcile(self, run: Reconciliation) -> None:
        reconcile_destination_rules(run)
        try:
            self._reconcile(run)
        except StepError as error:
            raise error.within("reconcileVirtualService failed") from error

    def _reconcile(self, run: Reconciliation) -> None:
        names, service = run.canary.names, run.canary.service
        delegated = service.get("delegation") is True
        if delegated and (as_list(service.get("hosts")) or as_list(service.get("gateways"))):
            reason = f"VirtualService {names.apex}.{names.namespace} cannot have hosts and gateways"
            raise StepError(f"{reason} when delegation enabled")
        wanted = _spec(run.canary)
        body = run.objects.get((KIND, names.apex))
        if body is None:
            _write(run, {"kind": KIND, "metadata": apex_metadata(run, names.apex), "spec": wanted}, "create")
            return
        live = dict(as_mapping(body.get("spec")))
        if delegated:
            # The comparison ignores hosts and gateways then, so Flagger never removes them (#1329).
            live = {key: value for key, value in live.items() if key not in ("hosts", "gateways")}
        if not _same(wanted, live, run) or metadata_differs(run, body, (KUBECTL, ORIGINAL)):
            _write(run, _rewritten(run, body, wanted, changed=not _same(wanted, live, run)), "update")

    def routes(self, run: Reconciliation) -> Routes:
        names = run.canary.names
        spec = self._get(run)
        tcp = _is_tcp(run.canary)
        rules = [as_mapping(rule) for rule in as_list(spec.get("tcp" if tcp else "http"))]
        split: Mapping[str, Any] = {}
        for rule in rules:
            if names.canary_service in _weights(rule):
                split = rule
        weights = _weights(split)
        primary, canary = weights.get(names.primary_service, 0), weights.get(names.canary_service, 0)
        mirrored = not tcp and bool(as_mapping(split.get("mirror")).get("host"))
        if run.canary.analysis.affinity and not tcp:
            for host, weight in _with_cookies(rules):
                primary = weight if host == names.primary_service else primary
                canary = weight if host == names.canary_service else canary
        if primary == 0 and canary == 0:
            apex = names.apex
            reason = f"does not contain routes for {apex}-primary and {apex}-canary"
            raise StepError(f"VirtualService {apex}.{names.namespace} {reason}")
        return Routes(primary, canary, mirrored)

    def set_routes(self, run: Reconciliation, routes: Routes) -> None:
        spec = self._get(run)
        if _is_tcp(run.canary):
            rules = {"tcp": [_tcp_rule(run.canary, routes.primary, routes.canary)]}
        else:
            rules = {"http": _http_rules(run, routes)}
        _write(run, {**run.objects[KIND, run.canary.names.apex], "spec": {**spec, **rules}}, "update")

    def finalize(self, run: Reconciliation) -> None:
        names = run.canary.names
        body = run.objects.get((KIND, names.apex))
        if body is None:
            missing = f'virtualservices.networking.istio.io "{names.apex}" not found'
            raise StepError(f"VirtualService {names.apex}.{names.namespace} get query error: {missing}")
        annotations = as_mapping(as_mapping(body.get("metadata")).get("annotations"))
        stored = annotations.get(KUBECTL, annotations.get(ORIGINAL))
        try:
            original = json.loads(stored) if stored else None
        except ValueError:
            raise StepError(f"VirtualService {names.apex}.{names.namespace} failed to unMarshal annotation") from None
        if original is not None:
            spec = original.get("spec") if KUBECTL in annotations else original
            run.put(KIND, names.apex, {**body, "spec": spec})

    def _get(self, run: Reconciliation) -> Mapping[str, Any]:
        names = run.canary.names
        body = run.objects.get((KIND, names.apex))
        if body is None:
            missing = f'virtualservices.networking.istio.io "{names.apex}" not found'
            raise StepError(f"VirtualService {names.apex}.{names.namespace} get query error {missing}")
        return as_mapping(body.get("spec"))


def _write(run: Reconciliation, body: Mapping[str, Any], verb: str) -> None:
    names = run.canary.names
    put_route(run, KIND, "v1beta1", body, f"VirtualService {names.apex}.{names.namespace} {verb} error: ")


def _is_tcp(canary: Canary) -> bool:
    return as_str(canary.service.get("appProtocol")).lower() == "tcp"


def _weights(rule: Mapping[str, Any]) -> dict[str, int]:
    return {
        as_str(as_mapping(each.get("destination")).get("host")): as_int(each.get("weight"))
        for each in map(as_mapping, as_list(rule.get("route")))
    }


def _with_cookies(rules: list[Mapping[str, Any]]) -> list[tuple[str, int]]:
    return [
        (as_str(as_mapping(each.get("destination")).get("host")), as_int(each.get("weight")))
        for rule in rules
        for each in map(as_mapping, as_list(rule.get("route")))
        if each.get("headers") is not None
    ]


def _spec(canary: Canary) -> dict[str, Any]:
    """The spec that reconcileVirtualService wants, with all weight on the primary."""
    spec: dict[str, Any] = {}
    if canary.service.get("delegation") is not True:
        hosts = [*as_list(canary.service.get("hosts"))]
        if canary.names.apex not in hosts and "*" not in hosts:
            hosts.append(canary.names.apex)
        spec = {"hosts": hosts, "gateways": as_list(canary.service.get("gateways")) or ["mesh"]}
    if _is_tcp(canary):
        return {**spec, "tcp": [_tcp_rule(canary, TOTAL, 0)]}
    rule = _rule(canary, as_list(canary.service.get("match")), TOTAL, 0)
    if not canary.analysis.match:
        return {**spec, "http": [rule]}
    return {**spec, "http": _ab_rules(canary, TOTAL, 0)}


def _tcp_rule(canary: Canary, primary: int, canary_weight: int) -> Rule:
    match = [{"port": as_int(as_mapping(each).get("port"))} for each in as_list(canary.service.get("match"))]
    return {**({"match": match} if match else {}), "route": _destinations(canary, primary, canary_weight)}


def _rule(canary: Canary, match: list[Any], primary: int, canary_weight: int | None) -> Rule:
    rule: Rule = {"match": match} if match else {}
    rule |= {key: canary.service[key] for key in _SHAPED if canary.service.get(key) not in (None, "")}
    return {**rule, "route": _destinations(canary, primary, canary_weight)}


def _destinations(canary: Canary, primary: int, canary_weight: int | None) -> list[Rule]:
    routes = [_destination(canary, canary.names.primary_service, primary)]
    if canary_weight is not None:
        routes.append(_destination(canary, canary.names.canary_service, canary_weight))
    return routes


def _destination(canary: Canary, host: str, weight: int) -> Rule:
    destination: Rule = {"host": host}
    gateways = as_list(canary.service.get("gateways"))
    outside = bool(gateways) and gateways[0] != "mesh"
    if canary.service.get("portDiscovery") is True and (outside or canary.service.get("delegation") is True):
        destination["port"] = {"number": canary.port}
    return {"destination": destination, "weight": weight}


def _ab_rules(canary: Canary, primary: int, canary_weight: int) -> list[Rule]:
    """Requests that match the analysis get both destinations; others that match the service get the primary."""
    match = _merged(list(canary.analysis.match), as_list(canary.service.get("match")))
    return [
        _rule(canary, match, primary, canary_weight),
        _rule(canary, as_list(canary.service.get("match")), primary, None),
    ]


def _merged(conditions: list[Any], defaults: list[Any]) -> list[Any]:
    """mergeMatchConditions: the service's matches, with only headers and sourceLabels of the conditions."""
    if not defaults:
        return conditions
    return [
        {**default, **{key: condition[key] for key in ("headers", "sourceLabels") if condition.get(key) is not None}}
        for condition in map(as_mapping, conditions)
        for default in map(as_mapping, defaults)
    ]


def _http_rules(run: Reconciliation, routes: Routes) -> list[Rule]:
    canary = run.canary
    weighted = _rule(canary, as_list(canary.service.get("match")), routes.primary, routes.canary)
    rules = [weighted]
    if canary.analysis.affinity:
        rules = _affinity_rules(run, routes.canary, weighted)
    if canary.analysis.match:
        return _ab_rules(canary, routes.primary, routes.canary)
    if routes.mirrored:
        rules[0] = {**rules[0], "mirror": {"host": canary.names.canary_service}}
        if canary.analysis.mirror_weight > 0:
            rules[0]["mirrorPercentage"] = {"value": canary.analysis.mirror_weight}
    return rules


def _affinity_rules(run: Reconciliation, canary_weight: int, weighted: Rule) -> list[Rule]:
    """getSessionAffinityRouteRules"""
    defaults = as_list(run.canary.service.get("match"))
    cookies = affinity.cookies(run, canary_weight, with_primary=not run.behavior.named_sticky_rule)
    sticky = dict(weighted)
    if run.behavior.named_sticky_rule:
        sticky["name"] = _STICKY
    if canary_weight == 0:
        if cookies.canary:
            sticky["match"] = _merged([_cookie_match(cookies.canary)], defaults)
            sticky["headers"] = affinity.deleting(as_mapping(sticky.get("headers")), cookies.canary)
        return [sticky, weighted]
    names = run.canary.names
    setting = {names.canary_service: cookies.canary, names.primary_service: cookies.primary}
    weighted = {**weighted, "route": [_setting_cookie(each, setting) for each in weighted["route"]]}
    sticky["match"] = _merged([_cookie_match(cookies.canary)], defaults)
    sticky["route"] = _destinations(run.canary, 0, TOTAL)
    if not cookies.primary:
        return [sticky, weighted]
    primary = {**weighted, "match": _merged([_cookie_match(cookies.primary)], defaults)}
    primary["route"] = _destinations(run.canary, TOTAL, 0)
    return [sticky, primary, weighted]


def _setting_cookie(route: Rule, cookies: Mapping[str, str]) -> Rule:
    cookie = cookies.get(route["destination"]["host"])
    return {**route, "headers": {"response": {"add": {"Set-Cookie": cookie}}}} if cookie else route


def _cookie_match(cookie: str) -> Rule:
    return {"headers": {"Cookie": {"regex": affinity.pattern(cookie)}}}


def _same(wanted: Mapping[str, Any], live: Mapping[str, Any], run: Reconciliation) -> bool:
    return _compared(wanted, run) == _compared(live, run)


def _compared(spec: Mapping[str, Any], run: Reconciliation) -> dict[str, Any]:
    """A spec without the parts that SetRoutes writes: weights, mirrors, and session affinity rules."""
    session = run.canary.analysis.affinity
    compared: dict[str, Any] = {"hosts": spec.get("hosts") or [], "gateways": spec.get("gateways") or []}
    for protocol in ("http", "tcp"):
        rules = [dict(as_mapping(rule)) for rule in as_list(spec.get(protocol))]
        if session and protocol == "http":
            rules = [rule for rule in rules if not _is_sticky(rule, run)]
        compared[protocol] = [_bare(rule, without_headers=session is not None) for rule in rules]
    return compared


def _is_sticky(rule: Mapping[str, Any], run: Reconciliation) -> bool:
    session = run.canary.analysis.affinity
    if session is None:
        return False
    if run.behavior.named_sticky_rule:
        return rule.get("name") == _STICKY
    # strings.Contains(regex, ""): without a primary cookie every rule with a match counts as sticky.
    matches = [
        as_mapping(as_mapping(each.get("headers")).get("Cookie"))
        for each in map(as_mapping, as_list(rule.get("match")))
    ]
    regexes = [as_str(match.get("regex")) for match in matches]
    return any(session.cookie in regex or session.primary_cookie in regex for regex in regexes)


def _bare(rule: Rule, *, without_headers: bool) -> Rule:
    dropped = {"weight", "headers"} if without_headers else {"weight"}
    routes = [
        {key: value for key, value in as_mapping(each).items() if key not in dropped}
        for each in as_list(rule.get("route"))
    ]
    kept = {key: value for key, value in rule.items() if key not in ("mirror", "mirrorPercentage", "route")}
    return {**kept, "route": routes}


def _rewritten(run: Reconciliation, body: Mapping[str, Any], spec: dict[str, Any], *, changed: bool) -> dict[str, Any]:
    """The body with new spec, labels and annotations; an annotation keeps the original spec."""
    metadata, wanted = dict(as_mapping(body.get("metadata"))), wanted_metadata(run)
    annotations = as_mapping(metadata.get("annotations"))
    kept = {key: annotations[key] for key in (KUBECTL, ORIGINAL) if key in annotations}
    if changed and KUBECTL not in kept:
        kept[ORIGINAL] = json.dumps(body.get("spec"))
    metadata["labels"], metadata["annotations"] = wanted["labels"], {**wanted["annotations"], **kept}
    return {**body, "metadata": metadata, "spec": spec}
