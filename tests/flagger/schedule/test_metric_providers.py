"""MetricTemplates Flagger can make no client of: the words are those of pkg/metrics/providers."""

from __future__ import annotations

from typing import Any

import pytest

from chartgen.flagger.schedule import upgrade
from chartgen.flagger.schedule.metric_providers import refusal
from tests.flagger.schedule.canaries import canary, deployment

_PROMETHEUS = {"type": "prometheus", "address": "http://prometheus:9090"}
_UNREADABLE = 'error parsing metric interval: time: invalid duration ""'


@pytest.mark.parametrize(
    ("provider", "credentials", "expected"),
    [
        (_PROMETHEUS, None, None),
        (_PROMETHEUS, {"token"}, None),
        (_PROMETHEUS, {"username", "password"}, None),
        (_PROMETHEUS, set(), "prometheus credentials does not contain a username"),
        (_PROMETHEUS, {"username"}, "prometheus credentials does not contain a password"),
        ({"type": "prometheus"}, None, "prometheus address  is not a valid URL"),
        ({"type": "typo"}, None, "typo address  is not a valid URL"),
        (
            {"type": "graphite", "address": "http://graphite"},
            {"token"},
            "graphite credentials does not contain a username",
        ),
        (
            {"type": "influxdb", "address": "http://influx"},
            {"token"},
            "influxdb credentials does not contain an organisation",
        ),
        ({"type": "datadog"}, None, "datadog credentials does not contain datadog_api_key"),
        ({"type": "datadog"}, {"datadog_api_key", "datadog_application_key"}, _UNREADABLE),
        ({"type": "cloudwatch"}, None, "region not specified"),
        ({"type": "cloudwatch", "region": "eu-central-1"}, None, _UNREADABLE),
        ({"type": "dynatrace"}, None, "dynatrace endpoint is not set"),
        ({"type": "stackdriver"}, None, None),
        ({"type": "keptn"}, None, None),
    ],
)
def test_required_fields_and_keys_of_a_provider(
    provider: dict[str, Any], credentials: set[str] | None, expected: str | None
) -> None:
    assert refusal(provider, "", credentials) == expected


def test_with_an_interval_the_client_is_made() -> None:
    assert refusal({"type": "datadog"}, "1m", {"datadog_api_key", "datadog_application_key"}) is None


def test_a_template_without_its_keys_is_never_queried_and_fails_each_check() -> None:
    template = {
        "kind": "MetricTemplate",
        "metadata": {"name": "errors", "namespace": "prod"},
        "spec": {"provider": {"type": "datadog", "secretRef": {"name": "keys"}}, "query": "errors"},
    }
    secret = {
        "kind": "Secret",
        "metadata": {"name": "keys", "namespace": "prod"},
        "stringData": {"datadog_api_key": "k"},
    }
    metric = {"name": "errors", "templateRef": {"name": "errors"}, "thresholdRange": {"max": 1}, "interval": "1m"}
    canary_document = canary({"stepWeight": 50, "maxWeight": 50, "metrics": [metric]})
    ticks = upgrade(canary_document, [deployment(), template, secret]).ticks
    error = "provider datadog error: datadog credentials does not contain datadog_application_key"
    assert [each.text for each in ticks[2].events] == [f"Metric template errors.prod {error}"]
    assert ticks[2].failed_checks == 1
    assert not any(tick.metric_calls for tick in ticks)
