"""Answers of Prometheus' HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chartgen.cluster.access.address import address_of
from chartgen.cluster.access.source import UnreadableError
from chartgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS = 10
_SCHEMES = ("http", "https")
_EXAMPLE = "write it as http://localhost:9090"
_MOST_BYTES = 16 * 1024 * 1024


class QueryError(Exception):
    """Prometheus rejects a query; the message is its own."""


def fetched(url: str, path: str, query: Mapping[str, str]) -> Any:
    """The `data` of an answer of the Prometheus at `url`, which the user named."""
    place = address_of(url)
    if place.scheme not in _SCHEMES or not place.host:
        raise UsageError(f"--prometheus {url!r} is not an address", hint=_EXAMPLE)
    target = f"{url.rstrip('/')}{path}?{urlencode(query)}"
    try:
        with urllib.request.urlopen(target, timeout=_SECONDS) as response:  # noqa: S310 - the scheme is checked
            body = response.read(_MOST_BYTES)
    except urllib.error.HTTPError as error:
        body = error.read(_MOST_BYTES)
    except (OSError, HTTPException) as error:
        raise UnreadableError(f"{url} doesn't answer: {getattr(error, 'reason', error)}") from error
    except ValueError as error:
        raise UsageError(f"--prometheus {url!r} is not an address: {error}", hint=_EXAMPLE) from error
    try:
        return answer_of(url, json.loads(body))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{url} doesn't answer as Prometheus does") from error


def answer_of(url: str, body: Any) -> Any:
    """The `data` of an answer; QueryError with Prometheus' own message for an error."""
    if not isinstance(body, dict) or body.get("status") not in {"success", "error"}:
        raise UnreadableError(f"{url} doesn't answer as Prometheus does")
    if body["status"] == "error":
        raise QueryError(str(body.get("error") or "error"))
    return body.get("data")


def first_value(data: Any) -> float | None:
    """The first value of an instant query's answer, None if there is none (NaN counts as none, as in Flagger)."""
    result = data.get("result") if isinstance(data, dict) else None
    if isinstance(data, dict) and data.get("resultType") == "scalar":
        result = [{"value": result}]
    try:
        value = float(result[0]["value"][1])  # type: ignore[index]
    except (TypeError, LookupError, ValueError):
        return None
    return None if value != value else value  # noqa: PLR0124 - NaN
