"""The Gateway API's HTTPRoute (pkg/router/gateway_api.go, gateway_api_v1beta1.go).

The simulation doesn't include the gateway's own controller. A Gateway among the objects accepts or rejects the route by
its listeners, any other one accepts it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.flagger.canary import as_list, as_mapping, as_str
from chartgen.flagger.gateways import GROUP, route_refusal
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routers import affinity
from chartgen.flagger.schedule.routers import gateway_rules as rules
from chartgen.flagger.schedule.routers.router import apex_metadata, metadata_differs, put_route, wanted_metadata
from chartgen.flagger.schedule.routes import TOTAL, Routes
from chartgen.flagger.schedule.state import ANALYSED_PHASES, WAITING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.canary import Canary
    from chartgen.flagger.schedule.reconciliation import Reconciliation

KIND = "HTTPRoute"
Rule = dict[str, Any]


class GatewayApiRouter(NamedTuple):
    """`beta` is gatewayapi:v1beta1: no timeouts, no primary cookie."""

    beta: bool

    def reconcile(self, run: Reconciliation) -> None:
        canary, apex = run.canary, run.canary.names.apex
        if not as_list(canary.service.get("gatewayRefs")):
            raise StepError("GatewayRefs must be specified when using Gateway API as a provider.")
        wanted = self._spec(canary)
        body = run.objects.get((KIND, apex))
        if body is None:
            body = {"kind": KIND, "metadata": apex_metadata(run, apex), "spec": rules.stored(wanted)}
            self._write(run, body, "create")
            return
        metadata = as_mapping(body.get("metadata"))
        foreign = tuple(as_mapping(metadata.get("annotations")))
        same = self._compared(wanted, run) == self._compared(as_mapping(body.get("spec")), run)
        if not same or metadata_differs(run, body, foreign):
            apex_fields = wanted_metadata(run)
            annotations = {**as_mapping(metadata.get("annotations")), **apex_fields["annotations"]}
            metadata = {**metadata, "labels": apex_fields["labels"], "annotations": annotations}
            self._write(run, {**body, "metadata": metadata, "spec": rules.stored(wanted)}, "update")

    def routes(self, run: Reconciliation) -> Routes:
        names = run.canary.names
        primary = canary = 0
        mirrored, with_cookies = False, None
        spec = self._get(run)
        if run.behavior.waits_for_gateway and not self.beta:
            _require_accepted(run, spec)
        for rule in map(as_mapping, as_list(spec.get("rules"))):
            refs = [as_mapping(ref) for ref in as_list(rule.get("backendRefs"))]
            if run.canary.analysis.affinity and any(ref.get("filters") for ref in refs):
                with_cookies = rules.weights(rule)
            # In an A/B test, the rule with one backend is for all other users.
            if len(refs) == 2:  # noqa: PLR2004 (primary and canary)
                weights = rules.weights(rule)
                primary = weights.get(names.primary_service, primary)
                canary = weights.get(names.canary_service, canary)
            mirrored = mirrored or names.canary_service in _mirrors(rule)
        if with_cookies is not None:
            primary = with_cookies.get(names.primary_service, primary)
            canary = with_cookies.get(names.canary_service, canary)
        return Routes(primary, canary, mirrored)

    def set_routes(self, run: Reconciliation, routes: Routes) -> None:
        canary = run.canary
        self._get(run)
        matches = rules.service_matches(canary)
        weighted = self._rule(canary, matches, rules.backends(canary, routes.primary, routes.canary))
        if routes.mirrored and canary.analysis.iterations > 0:
            weighted["filters"] = [*weighted.get("filters", []), _mirror(canary)]
        new_rules = [weighted]
        if canary.analysis.affinity:
            new_rules = self._affinity_rules(run, routes.canary, weighted)
        if canary.analysis.match:
            self._refuse_empty_timeouts(run)
            new_rules[0] = {**new_rules[0], "matches": rules.merged(rules.analysis_matches(canary), matches)}
            new_rules.append(self._rule(canary, matches, rules.backends(canary, TOTAL, 0)[:1]))
        self._put(run, new_rules)

    def finalize(self, _run: Reconciliation) -> None:
        """Flagger restores nothing."""

    def _put(self, run: Reconciliation, new_rules: list[Rule]) -> None:
        apex = run.canary.names.apex
        spec = {**self._bare_spec(run.canary), "rules": new_rules}
        self._write(run, {**run.objects[KIND, apex], "spec": rules.stored(spec)}, "update")

    def _write(self, run: Reconciliation, body: Mapping[str, Any], verb: str) -> None:
        names = run.canary.names
        failure = f"HTTPRoute {names.apex}.{names.namespace} {verb} error: "
        put_route(run, KIND, "v1beta1" if self.beta else "v1", body, failure)

    def _get(self, run: Reconciliation) -> Mapping[str, Any]:
        names = run.canary.names
        body = run.objects.get((KIND, names.apex))
        if body is None:
            missing = f'httproutes.gateway.networking.k8s.io "{names.apex}" not found'
            raise StepError(f"HTTPRoute {names.apex}.{names.namespace} get error: {missing}")
        return as_mapping(body.get("spec"))

    def _rule(self, canary: Canary, matches: list[Rule], refs: list[Rule]) -> Rule:
        return rules.rule(canary, matches, refs, timeouts=not self.beta)

    def _bare_spec(self, canary: Canary) -> Rule:
        hosts = as_list(canary.service.get("hosts"))
        spec: Rule = {"parentRefs": as_list(canary.service.get("gatewayRefs"))}
        return {**spec, "hostnames": hosts} if hosts else spec

    def _spec(self, canary: Canary) -> Rule:
        matches = rules.service_matches(canary)
        first = self._rule(canary, matches, rules.backends(canary, TOTAL, 0))
        rules_ = [first]
        if canary.analysis.match:
            first["matches"] = rules.merged(rules.analysis_matches(canary), matches)
            rules_.append(self._rule(canary, matches, rules.backends(canary, TOTAL, 0)[:1]))
        return {**self._bare_spec(canary), "rules": rules_}

    def _refuse_empty_timeouts(self, run: Reconciliation) -> None:
        """1.41 writes an empty `timeouts.request` into the second rule, and the API server rejects it."""
        if run.behavior.empty_timeouts and not self.beta and not run.canary.service.get("timeout"):
            apex, namespace = run.canary.names.apex, run.canary.names.namespace
            message = (
                f'HTTPRoute {apex}.{namespace} update error: HTTPRoute.gateway.networking.k8s.io "{apex}" is invalid: '
            )
            raise StepError(message, open_ended=True)

    def _affinity_rules(self, run: Reconciliation, canary_weight: int, weighted: Rule) -> list[Rule]:
        """getSessionAffinityRouteRules"""
        canary = run.canary
        service_matches = rules.route_matches(as_list(canary.service.get("match")))
        cookies = affinity.cookies(run, canary_weight, with_primary=not self.beta)
        sticky = dict(weighted)
        if canary_weight == 0:
            if cookies.canary:
                sticky["matches"] = rules.merged([_cookie_match(cookies.canary)], service_matches)
                deleting = _set_cookie(f"{cookies.canary}; Max-Age=-1")
                sticky["filters"] = [*weighted.get("filters", []), deleting]
            return [sticky, weighted]
        names = canary.names
        setting = {names.canary_service: cookies.canary, names.primary_service: cookies.primary}
        refs = [_setting_cookie(ref, setting) for ref in weighted["backendRefs"]]
        weighted = {**weighted, "backendRefs": refs}
        sticky["matches"] = rules.merged([_cookie_match(cookies.canary)], service_matches)
        sticky["backendRefs"] = rules.backends(canary, 0, TOTAL)
        if not cookies.primary:
            return [sticky, weighted]
        primary = {**sticky, "matches": rules.merged([_cookie_match(cookies.primary)], service_matches)}
        primary["backendRefs"] = rules.backends(canary, TOTAL, 0)
        return [sticky, primary, weighted]

    def _compared(self, spec: Mapping[str, Any], run: Reconciliation) -> Rule:
        """A spec without the parts that SetRoutes writes: weights, mirrors of a run, session affinity rules."""
        session = run.canary.analysis.affinity
        mirroring = run.canary.analysis.mirror and run.cached.phase in {WAITING, *ANALYSED_PHASES}
        compared = []
        for rule in map(as_mapping, as_list(spec.get("rules"))):
            if session and self._is_sticky(rule, session.cookie, session.primary_cookie):
                continue
            dropped = {"weight", "filters"} if session else {"weight"}
            refs = [
                {key: value for key, value in as_mapping(ref).items() if key not in dropped}
                for ref in as_list(rule.get("backendRefs"))
            ]
            kept = {key: value for key, value in rule.items() if not (mirroring and key == "filters")}
            compared.append({**kept, "backendRefs": refs})
        return {"parents": spec.get("parentRefs"), "hosts": spec.get("hostnames") or [], "rules": compared}

    def _is_sticky(self, rule: Mapping[str, Any], cookie: str, primary_cookie: str) -> bool:
        wanted = (cookie,) if self.beta else (cookie, primary_cookie)
        return any(
            header.get("type") == "RegularExpression"
            and header.get("name") == "Cookie"
            and any(name in as_str(header.get("value")) for name in wanted)
            for match in map(as_mapping, as_list(rule.get("matches")))
            for header in map(as_mapping, as_list(match.get("headers")))
        )


def _require_accepted(run: Reconciliation, spec: Mapping[str, Any]) -> None:
    """A Gateway that isn't among the objects accepts the route at once."""
    names = run.canary.names
    for reference in map(as_mapping, as_list(spec.get("parentRefs"))):
        name, there = as_str(reference.get("name")), as_str(reference.get("namespace")) or names.namespace
        own = there == names.namespace
        gateway = as_mapping(run.objects.get(("Gateway", name if own else f"{there}/{name}")))
        if not as_str(gateway.get("apiVersion")).startswith(f"{GROUP}/"):
            continue
        hosts = as_list(spec.get("hostnames"))
        reason = route_refusal(gateway, reference, hosts, own_namespace=own, namespace_labels=None)
        if reason:
            text = f"HTTPRoute {names.apex}.{names.namespace} parent {name} is not ready (status: False, observed"
            raise StepError(f"{text} generation: ", open_ended=True, detail=f"…): {reason}")


def _mirrors(rule: Mapping[str, Any]) -> list[Any]:
    return [
        as_mapping(as_mapping(each.get("requestMirror")).get("backendRef")).get("name")
        for each in map(as_mapping, as_list(rule.get("filters")))
        if each.get("type") == "RequestMirror"
    ]


def _mirror(canary: Canary) -> Rule:
    reference = {"group": "", "kind": "Service", "name": canary.names.canary_service, "port": canary.port}
    return {"type": "RequestMirror", "requestMirror": {"backendRef": reference}}


def _cookie_match(cookie: str) -> Rule:
    header = {"type": "RegularExpression", "name": "Cookie", "value": affinity.pattern(cookie)}
    return {"headers": [header]}


def _set_cookie(value: str) -> Rule:
    added = [{"name": "Set-Cookie", "value": value}]
    return {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"add": added}}


def _setting_cookie(ref: Rule, cookies: Mapping[str, str]) -> Rule:
    cookie = cookies.get(ref["name"])
    return {**ref, "filters": [_set_cookie(cookie)]} if cookie else ref
