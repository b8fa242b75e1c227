"""For which MetricTemplates Flagger can create a client (pkg/metrics/providers): address, credentials, interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.flagger.canary import as_str
from chartgen.flagger.go_durations import DurationError, parse_duration

if TYPE_CHECKING:
    from collections.abc import Container, Mapping


class _Needs(NamedTuple):
    """What a type of provider requires, each with Flagger's error if it is missing.

    `field`: a field of the provider. `keys`: keys of its secret; with `only_with_secret` the secret is optional.
    `interval`: whether the metric's interval must be a duration; it has no default here.
    """

    field: str = ""
    without_field: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    only_with_secret: bool = False
    token_is_enough: bool = False
    interval: bool = False


_LOGIN = (
    ("username", "{type} credentials does not contain a username"),
    ("password", "{type} credentials does not contain a password"),
)
_URL = "{type} address {address} is not a valid URL"
_PROMETHEUS = _Needs("address", _URL, _LOGIN, only_with_secret=True, token_is_enough=True)
_NEEDS = {
    "graphite": _Needs("address", _URL, _LOGIN, only_with_secret=True),
    "influxdb": _Needs(
        "address",
        _URL,
        (
            ("token", "{type} credentials does not contain an authentication token"),
            ("org", "{type} credentials does not contain an organisation"),
        ),
        only_with_secret=True,
    ),
    "datadog": _Needs(
        keys=(
            ("datadog_api_key", "datadog credentials does not contain datadog_api_key"),
            ("datadog_application_key", "datadog credentials does not contain datadog_application_key"),
        ),
        interval=True,
    ),
    "cloudwatch": _Needs("region", "region not specified", interval=True),
    "newrelic": _Needs(
        keys=(
            ("newrelic_account_id", "newrelic credentials does not contain the key 'newrelic_account_id'"),
            # The quotes are Flagger's.
            ("newrelic_query_key", "newrelic credentials does not contain the key ''newrelic_query_key"),
        ),
        interval=True,
    ),
    "dynatrace": _Needs(
        "address",
        "dynatrace endpoint is not set",
        (("dynatrace_token", "dynatrace credentials does not contain dynatrace_token"),),
        interval=True,
    ),
    "splunk": _Needs(
        "address",
        "splunk endpoint is not set",
        (("sf_token_key", "splunk credentials does not contain sf_token_key"),),
        interval=True,
    ),
    "stackdriver": _Needs(
        keys=(("project", "{type} credentials does not contain a project id"),), only_with_secret=True
    ),
    "externalmetrics": _Needs(),
    "keptn": _Needs(),
}


def secret_keys() -> frozenset[str]:
    """All keys that some provider reads from its secret."""
    return frozenset(key for needs in (_PROMETHEUS, *_NEEDS.values()) for key, _ in needs.keys)


def refusal(provider: Mapping[str, Any], interval: str, credentials: Container[str] | None) -> str | None:
    """Flagger's error if it can't create a client for a template's provider, else None.

    `credentials` are the keys of its secret, None without one. This doesn't check whether the server answers.
    """
    kind, address = as_str(provider.get("type")), as_str(provider.get("address"))
    # factory.go:Provider treats an unknown type as Prometheus.
    needs = _NEEDS.get(kind, _PROMETHEUS)
    if needs.field and not as_str(provider.get(needs.field)):
        return needs.without_field.format(type=kind, address=address)
    if error := _missing_key(needs, credentials):
        return error.format(type=kind)
    if needs.interval:
        try:
            parse_duration(interval)
        except DurationError as error:
            return f"error parsing metric interval: {error}"
    return None


def _missing_key(needs: _Needs, credentials: Container[str] | None) -> str | None:
    if credentials is None and needs.only_with_secret:
        return None
    held: Container[str] = credentials or ()
    if needs.token_is_enough and "token" in held:
        return None
    return next((error for key, error in needs.keys if key not in held), None)
