"""What chartgen says of PromQL is what a real Prometheus answers: it scrapes itself, and is asked."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.rules.reading.promql import parsed, result_type
from chartgen.rules.reading.promql_empty import value_without_samples
from chartgen.rules.reading.promql_series import labels_of
from tests.e2e.apiserver import tool
from tests.e2e.process import Child, PlaneError, free_ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATIENCE = 30.0
_BUCKETS = "rate(prometheus_http_request_duration_seconds_bucket[5s])"


@pytest.fixture(scope="module")
def ask(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], dict[str, Any]]]:
    """The `data` of an instant query, once Prometheus has scraped itself a few times."""
    folder = tmp_path_factory.mktemp("promql")
    (port,) = free_ports(1)
    target = f"127.0.0.1:{port}"
    config = {
        "global": {"scrape_interval": "1s"},
        "scrape_configs": [{"job_name": "self", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yaml").write_text(json.dumps(config), encoding="utf-8")
    child = Child.start(
        [
            tool("prometheus"),
            f"--config.file={folder / 'prometheus.yaml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={target}",
        ],
        folder / "prometheus.log",
    )

    def query(text: str) -> dict[str, Any]:
        url = f"http://{target}/api/v1/query?query={urllib.parse.quote(text)}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            data: dict[str, Any] = json.load(answer)["data"]
            return data

    try:
        _wait(query, child)
        yield query
    finally:
        child.stop()


def _wait(query: Callable[[str], dict[str, Any]], child: Child) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        child.must_live()
        try:
            if query(f"count(count by (handler) ({_BUCKETS})) > 1")["result"]:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise PlaneError(f"Prometheus doesn't scrape itself:\n{child.tail()}")


@pytest.mark.parametrize(
    "query",
    ["up", "up[5s]", "scalar(up)", "'x'", "1 + 2", "sum(up) > 0", "-up", "time()", "vector(1)", "rate(up[5s])[5s:1s]"],
)
def test_the_type_of_a_result(ask: Callable[[str], dict[str, Any]], query: str) -> None:
    assert ask(query)["resultType"] == result_type(parsed(query).expression)


@pytest.mark.parametrize(
    ("query", "series"),
    [
        ("sum(up)", 1),
        ("prometheus_http_requests_total", 2),
        ("topk(1, prometheus_http_requests_total)", 1),
        ("sum by (handler) (prometheus_http_requests_total)", 2),
        ('sum by (job) (up{job="self"})', 1),
        ('sum by (job) (up{job="self"}) or vector(0)', 2),
        ('sum by (job) (up{job="self"}) or on () vector(0)', 1),
        ("sum(up) or vector(0)", 1),
        (f"histogram_quantile(0.9, {_BUCKETS})", 2),
        (f"histogram_quantile(0.9, sum by (le) ({_BUCKETS}))", 1),
        (f"histogram_quantile(0.9, sum({_BUCKETS}))", 0),
        ("sum(rate(up[1s]))", 0),
    ],
)
def test_how_many_series_there_are(ask: Callable[[str], dict[str, Any]], query: str, series: int) -> None:
    found = len(ask(query)["result"])
    assert min(found, 2) == series
    assert labels_of(parsed(query).expression).distinguish is (series == 2)


@pytest.mark.parametrize(
    "query",
    [
        "sum(nothing)",
        "sum(nothing) or vector(0)",
        "sum(nothing) / sum(none) or on () vector(1)",
        "100 - (sum(nothing) or vector(0)) * 100",
        "(sum(nothing) or vector(0)) / (sum(none) or vector(0))",
        "(sum(nothing) or vector(0)) / sum(none)",
        "absent(nothing)",
        "sum(nothing) or vector(0) > 1",
        "sum(nothing) or vector(0) > bool 1",
        "sum(sum(nothing) or vector(-2))",
        "vector(1) unless nothing",
        "vector(1) and nothing",
        "clamp_min(sum(nothing), 1)",
        "vector(scalar(nothing))",
    ],
)
def test_what_a_query_returns_without_samples(ask: Callable[[str], dict[str, Any]], query: str) -> None:
    answered = [f"{float(each['value'][1]):g}" for each in ask(query)["result"]]
    value = value_without_samples(parsed(query).expression)
    assert answered == ([] if value is None else [f"{value:g}"])
