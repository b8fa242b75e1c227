"""Session affinity: the cookies of a run (getSessionAffinityRouteRules in pkg/router/istio.go and gateway_api.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.flagger.canary import as_mapping
from chartgen.flagger.go_durations import DurationError, parse_duration
from chartgen.flagger.schedule.errors import StepError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation

# Flagger generates ten random letters; their value has no effect.
_VALUE = "abcdefghij"


class Cookies(NamedTuple):
    """The canary's cookie (with weight 0: the previous run's, or "") and the primary's, or ""."""

    canary: str
    primary: str


def cookies(run: Reconciliation, canary_weight: int, *, with_primary: bool) -> Cookies:
    """The cookies for a weight; they stay in the cached status until Flagger writes it."""
    session, status = run.canary.analysis.affinity, run.cached
    assert session is not None
    if canary_weight == 0:
        previous = status.cookie or status.previous_cookie
        run.cached = status._replace(cookie="", previous_cookie=previous)
        return Cookies(previous, "")
    cookie = status.cookie or f"{session.cookie}={_VALUE}"
    primary = status.primary_cookie or f"{session.primary_cookie}={_VALUE}"
    run.cached = status._replace(cookie=cookie, primary_cookie=primary)
    if not (with_primary and session.primary_cookie):
        return Cookies(cookie, "")
    try:
        # The interval has no default here, so a missing one is an error, too.
        parse_duration(run.canary.analysis.interval)
    except DurationError as error:
        raise StepError(f"failed to parse canary interval: {error}") from error
    return Cookies(cookie, primary)


def pattern(cookie: str) -> str:
    """The regular expression that matches a cookie; names aren't escaped."""
    name, _, value = cookie.partition("=")
    return f".*{name}.*{value.split('=')[0]}.*"


def deleting(headers: Mapping[str, Any], cookie: str) -> dict[str, Any]:
    """The headers, plus one that deletes the previous run's cookie."""
    response = as_mapping(headers.get("response"))
    added = {**as_mapping(response.get("add")), "Set-Cookie": f"{cookie}; Max-Age=-1"}
    return {**headers, "response": {**response, "add": added}}
