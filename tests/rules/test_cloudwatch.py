"""CloudWatch queries as encoding/json and the AWS SDK read them."""

from __future__ import annotations

import pytest

from chartgen.rules.reading.cloudwatch import fault_of_query

STAT = '{"Metric": {"Namespace": "shop", "MetricName": "Requests", "Dimensions": [%s]}, "Period": 60, "Stat": "Sum"}'


@pytest.mark.parametrize(
    "text",
    [
        '[{"Id": "e1", "Expression": "m1 / m2", "Label": "errors", "ReturnData": true}]',
        '[{"id": "e1", "expression": "m1", "UNKNOWN": 1, "period": null}]',
        '[{"Id": "m1", "ReturnData": false, "MetricStat": %s}]' % (STAT % '{"Name": "App", "Value": "web"}'),
        "[]",
        "[null]",
    ],
)
def test_queries_that_are_sent(text: str) -> None:
    assert fault_of_query(text) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("SELECT AVG(Requests) FROM shop", "it isn't JSON"),
        ('[{"Id": "e1"},]', "it isn't JSON"),
        ('[{"Id": "e1", "Period": NaN}]', "it isn't JSON"),
        ('{"Id": "e1"}', "it isn't a list of MetricDataQueries"),
        ('["e1"]', "[0] isn't an object"),
        ('[{"Id": "e1", "ReturnData": "true"}]', "[0].ReturnData isn't true or false"),
        ('[{"Id": "e1", "Period": "60"}]', "[0].Period isn't a whole number"),
        ('[{"Id": "e1", "Period": 60.0}]', "[0].Period isn't a whole number"),
        ('[{"Expression": "m1"}]', "[0] has no Id"),
        ('[{"Id": "m1", "MetricStat": {"Period": 60}}]', "[0].MetricStat has no Metric"),
        (
            '[{"Id": "m1", "MetricStat": %s}]' % (STAT % '{"Name": "App"}'),
            "[0].MetricStat.Metric.Dimensions[0] has no Value",
        ),
    ],
)
def test_queries_that_are_not(text: str, fault: str) -> None:
    assert fault_of_query(text) == fault
