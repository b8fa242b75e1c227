"""Session affinity: the cookies of a run (getSessionAffinityRouteRules in pkg/router/istio.go and gateway_api.go)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_mapping
from chartgen.flagger.go_durations import DurationError, parse_duration
from chartgen.flagger.schedule.errors import StepError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation

# Flagger draws ten letters; which ones decides nothing.
_VALUE = "abcdefghij"


@dataclass(frozen=True, slots=True)
class Cookies:
    """The canary's cookie (with weight 0: the former run's, or "") and the primary's, or ""."""

    canary: str
    primary: str


def cookies(run: Reconciliation, canary_weight: int, *, with_primary: bool) -> Cookies:
    """The cookies for a weight; they are kept in Flagger's copy of the status until it is written."""
    session, status = run.canary.analysis.affinity, run.cached
    assert session is not None
    if canary_weight == 0:
        previous = status.cookie or status.previous_cookie
        run.cached = replace(status, cookie="", previous_cookie=previous)
        return Cookies(previous, "")
    cookie = status.cookie or f"{session.cookie}={_VALUE}"
    primary = status.primary_cookie or f"{session.primary_cookie}={_VALUE}"
    run.cached = replace(status, cookie=cookie, primary_cookie=primary)
    if not (with_primary and session.primary_cookie):
        return Cookies(cookie, "")
    try:
        # Here the interval has no fallback, so that none at all is an error too.
        parse_duration(run.canary.analysis.interval)
    except DurationError as error:
        raise StepError(f"failed to parse canary interval: {error}") from error
    return Cookies(cookie, primary)


def pattern(cookie: str) -> str:
    """The regular expression that finds a cookie; names are not escaped."""
    name, _, value = cookie.partition("=")
    return f".*{name}.*{value.split('=')[0]}.*"


def deleting(headers: Mapping[str, Any], cookie: str) -> dict[str, Any]:
    """Headers that also delete a former run's cookie."""
    response = as_mapping(headers.get("response"))
    added = {**as_mapping(response.get("add")), "Set-Cookie": f"{cookie}; Max-Age=-1"}
    return {**headers, "response": {**response, "add": added}}
