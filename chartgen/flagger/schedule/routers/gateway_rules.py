"""The rules Flagger writes into an HTTPRoute (pkg/router/gateway_api.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_int, as_list, as_mapping, as_str
from chartgen.flagger.go_durations import DurationError, parse_duration
from chartgen.flagger.schedule.errors import StepError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.canary import Canary

Rule = dict[str, Any]
_ANY_PATH = {"path": {"type": "PathPrefix", "value": "/"}}
_PATHS = (("regex", "RegularExpression"), ("exact", "Exact"), ("prefix", "PathPrefix"))
# The default of maxAge in the HTTPRoute's CRD, in seconds.
_CORS_AGE = 5
_NO_PATH = "Gateway API doesn't support the specified path matching selector: "
_NO_HEADER = "Gateway API doesn't support the specified header matching selector: "
_NO_QUERY = "Gateway API doesn't support the specified query matching selector: "


def service_matches(canary: Canary) -> list[Rule]:
    """`service.match` as Gateway API matches, by default any path."""
    try:
        matches = route_matches(as_list(canary.service.get("match")))
    except StepError as error:
        raise error.within("Invalid request matching selectors") from error
    return matches or [_ANY_PATH]


def analysis_matches(canary: Canary) -> list[Rule]:
    """`analysis.match` as Gateway API matches; none if it can't be expressed, because Flagger ignores the error."""
    try:
        return route_matches(list(canary.analysis.match))
    except StepError:
        return []


def route_matches(requests: list[Any]) -> list[Rule]:
    """mapRouteMatches; StepError for a match that the Gateway API doesn't support."""
    matches = []
    for request in map(as_mapping, requests):
        match: Rule = {}
        if isinstance(request.get("uri"), dict):
            match["path"] = _path(request["uri"])
        if isinstance(request.get("method"), dict):
            if not as_str(request["method"].get("exact")):
                raise StepError(_NO_HEADER, open_ended=True)
            match["method"] = request["method"]["exact"]
        headers = _values(request.get("headers"), _NO_HEADER)
        parameters = _values(request.get("queryParams"), _NO_QUERY)
        match |= {key: value for key, value in (("headers", headers), ("queryParams", parameters)) if value}
        if match:
            matches.append(match)
    return matches


def _path(uri: Mapping[str, Any]) -> Rule:
    for key, kind in _PATHS:
        if as_str(uri.get(key)):
            return {"type": kind, "value": uri[key]}
    raise StepError(_NO_PATH, open_ended=True)


def _values(conditions: object, refusal: str) -> list[Rule]:
    values = []
    for name, condition in sorted(as_mapping(conditions).items()):
        operator = as_mapping(condition)
        if as_str(operator.get("exact")):
            values.append({"name": name, "type": "Exact", "value": operator["exact"]})
        elif as_str(operator.get("regex")):
            values.append({"name": name, "type": "RegularExpression", "value": operator["regex"]})
        else:
            raise StepError(refusal, open_ended=True)
    return values


def merged(analysis: list[Rule], service: list[Rule]) -> list[Rule]:
    """mergeMatchConditions: headers and query parameters from the analysis, the rest from the service."""
    if not analysis or not service:
        return service or analysis
    return [
        {**outer, **{key: condition[key] for key in ("headers", "queryParams") if condition.get(key)}}
        for condition in analysis
        for outer in service
    ]


def backend(canary: Canary, service: str, weight: int) -> Rule:
    return {"group": "", "kind": "Service", "name": service, "port": canary.port, "weight": weight}


def backends(canary: Canary, primary: int, canary_weight: int) -> list[Rule]:
    names = canary.names
    return [backend(canary, names.primary_service, primary), backend(canary, names.canary_service, canary_weight)]


def rule(canary: Canary, matches: list[Rule], refs: list[Rule], *, timeouts: bool = True) -> Rule:
    """A rule with the filters and timeouts of the service."""
    route_rule: Rule = {"matches": matches, "backendRefs": refs}
    if filters := service_filters(canary.service):
        route_rule["filters"] = filters
    requested = {"request": canary.service.get("timeout"), "backendRequest": canary.service.get("backendTimeout")}
    if timeouts and (durations := {key: value for key, value in requested.items() if value}):
        route_rule["timeouts"] = durations
    return route_rule


def service_filters(service: Mapping[str, Any]) -> list[Rule]:
    """makeFilters"""
    filters: list[Rule] = []
    for key, kind in (("request", "RequestHeaderModifier"), ("response", "ResponseHeaderModifier")):
        change = as_mapping(service.get("headers")).get(key)
        if isinstance(change, dict):
            filters.append({"type": kind, kind[0].lower() + kind[1:]: _header_change(change)})
    if isinstance(service.get("rewrite"), dict):
        filters.append({"type": "URLRewrite", "urlRewrite": _rewrite(service["rewrite"])})
    filters.extend({"type": "RequestMirror", "requestMirror": mirror} for mirror in as_list(service.get("mirror")))
    if isinstance(service.get("corsPolicy"), dict):
        filters.append({"type": "CORS", "cors": _cors(service["corsPolicy"])})
    return filters


def _header_change(change: Mapping[str, Any]) -> Rule:
    modifier: Rule = {}
    for key in ("add", "set"):
        pairs = [{"name": name, "value": value} for name, value in sorted(as_mapping(change.get(key)).items())]
        if pairs:
            modifier[key] = pairs
    if as_list(change.get("remove")):
        modifier["remove"] = change["remove"]
    return modifier


def _rewrite(rewrite: Mapping[str, Any]) -> Rule:
    url_rewrite: Rule = {}
    if as_str(rewrite.get("authority")):
        url_rewrite["hostname"] = rewrite["authority"]
    if as_str(rewrite.get("uri")):
        prefix = rewrite.get("type") == "ReplacePrefixMatch"
        key = "replacePrefixMatch" if prefix else "replaceFullPath"
        url_rewrite["path"] = {"type": key[0].upper() + key[1:], key: rewrite["uri"]}
    return url_rewrite


def _cors(policy: Mapping[str, Any]) -> Rule:
    renamed = {"allowOrigin": "allowOrigins"}
    cors = {
        renamed.get(key, key): policy[key]
        for key in ("allowOrigin", "allowMethods", "allowHeaders", "exposeHeaders")
        if as_list(policy.get(key))
    }
    if policy.get("allowCredentials") is True:
        cors["allowCredentials"] = True
    try:
        seconds = int(parse_duration(as_str(policy.get("maxAge"))))
    except DurationError:
        seconds = 0
    return {**cors, "maxAge": seconds} if seconds else cors


def stored(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A spec as the API server stores it, with the CRD's defaults for a match without a path and a CORS filter.

    Flagger compares it with its own spec, which lacks them, so it writes the route again at every tick.
    """
    rules = []
    for each in map(as_mapping, as_list(spec.get("rules"))):
        matches = [{**_ANY_PATH, **as_mapping(match)} for match in as_list(each.get("matches"))]
        rule_ = {**each, "matches": matches or [_ANY_PATH]}
        if each.get("filters"):
            rule_["filters"] = [_stored_filter(as_mapping(entry)) for entry in as_list(each["filters"])]
        rules.append(rule_)
    return {**spec, "rules": rules}


def _stored_filter(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**entry, "cors": {"maxAge": _CORS_AGE, **as_mapping(entry.get("cors"))}} if "cors" in entry else entry


def weights(rule_: Mapping[str, Any]) -> dict[str, int]:
    return {
        as_str(each.get("name")): as_int(each.get("weight"))
        for each in map(as_mapping, as_list(rule_.get("backendRefs")))
    }
