"""PromQL read as Prometheus reads it; the answers of Go's parser are a fixture (tests/rules/promql/main.go)."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.lint.engine import lint_text
from chartgen.lint.request import LintRequest
from chartgen.rules.reading.promql import all_of, parsed, parser_is_missing, result_type
from chartgen.rules.reading.promql_empty import value_without_samples
from chartgen.rules.reading.promql_series import labels_of
from tests.conftest import ROOT
from tests.rules.harness import engine

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWERS: list[dict[str, Any]] = json.loads((ROOT / "fixtures" / "promql.json").read_text(encoding="utf-8"))
# Functions of another release than the one asked: older ones that chartgen accepts on purpose, and newer ones.
OTHER_RELEASES = ("holt_winters", "first_over_time", "histogram_quantiles", "step")


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: ascii(answer["query"]))
def test_queries_parse_as_in_prometheus(answer: dict[str, Any]) -> None:
    found = parsed(answer["query"])
    if answer["query"].startswith(OTHER_RELEASES):
        assert answer["type"] == ""
        assert found.error is None
    else:
        assert ("" if found.error else result_type(found.expression)) == answer["type"]


def test_the_answers_hold_enough_of_both() -> None:
    refused = sum(not answer["type"] for answer in ANSWERS)
    assert refused > 60
    assert len(ANSWERS) - refused > 100


@pytest.mark.parametrize(
    ("query", "several"),
    [
        ("sum(a)", False),
        ("a", True),
        ("-rate(a[1m])", True),
        ("sum by (app) (a)", True),
        ('sum by (app) (a{app="web"})', False),
        ('sum by (app) (a{app=~"web|api"})', True),
        ("max without (pod) (a)", True),
        ("topk(1, a)", False),
        ("topk(2, a)", True),
        ('count_values("version", a)', True),
        ("histogram_quantile(0.9, sum by (le) (a_bucket))", False),
        ("histogram_quantile(0.9, sum by (le, pod) (a_bucket))", True),
        ("histogram_quantile(0.9, a_bucket)", True),
        ("sum(a) / sum(b)", False),
        ("sum(a) / b", False),
        ("a / on (app) b", True),
        ('a{app="x"} / on (app) b', False),
        ("a * 100", True),
        ("100 - sum(a)", False),
        ("a / on (app) group_left b", True),
        ("sum(a) or vector(0)", False),
        ('sum by (app) (a{app="web"}) or vector(0)', True),
        ('sum by (app) (a{app="web"}) or on () vector(0)', False),
        ("a and sum(b)", True),
        ("absent(a)", False),
        ("vector(scalar(a))", False),
        ("max_over_time(sum(a)[5m:1m])", False),
    ],
)
def test_how_many_series_a_query_may_return(query: str, several: bool) -> None:
    assert labels_of(parsed(query).expression).distinguish is several


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("sum(a)", "nothing"),
        ("sum(a) or vector(0)", "0"),
        ("sum(a) / sum(b) or on () vector(1)", "1"),
        ("100 - (sum(a) or vector(0)) * 100", "100"),
        ("(sum(a) or vector(0)) / (sum(b) or vector(0))", "nan"),
        ("(sum(a) or vector(0)) / sum(b)", "nothing"),
        ("absent(a)", "1"),
        ("absent(a or vector(0))", "nothing"),
        ("sum(a) or vector(0) > 1", "nothing"),
        ("sum(a) or vector(0) > bool 1", "0"),
        ("sum(sum(a) or vector(-2))", "-2"),
        ("vector(1) unless a", "1"),
        ("vector(1) and a", "nothing"),
        ("scalar(a)", "nan"),
        ("clamp_min(sum(a), 1)", "nothing"),
    ],
)
def test_what_a_query_returns_without_samples(query: str, value: str) -> None:
    found = value_without_samples(parsed(query).expression)
    assert ("nothing" if found is None else f"{found:g}") == value


@pytest.mark.parametrize("one", ["(%s)", "-%s", "sum(%s)", "%s+a", "%s or a", "a[5m:]%s", "max_over_time(%s[5m:1m])"])
@pytest.mark.parametrize("count", [240, 300, 100_000])
def test_a_query_of_any_size_neither_ends_nor_delays_the_process(one: str, count: int) -> None:
    before, after = one.split("%s")
    found = parsed(before * count + "a" + after * count)
    assert found.too_large is (count > 250 or one.startswith("max_over"))
    if found.expression is not None:
        labels_of(found.expression)
        value_without_samples(found.expression)
        assert list(all_of(found.expression))


@pytest.fixture
def _no_parser(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    parsed.cache_clear()
    monkeypatch.setitem(sys.modules, "promql_parser", None)
    yield
    parsed.cache_clear()


TEMPLATE = """apiVersion: flagger.app/v1beta1
kind: MetricTemplate
metadata: {name: errors}
spec:
  provider: {type: %s, address: "http://prometheus.monitoring:9090"}
  query: sum(rate(errors{pod=~"{{ target }}-.*"}[1m])
"""


@pytest.mark.usefixtures("_no_parser")
def test_without_the_parser_lint_says_what_it_did_not_check() -> None:
    assert parser_is_missing()
    result = lint_text(engine, TEMPLATE % "prometheus", "metrics.yaml", LintRequest(no_config=True))
    assert [finding.rule for finding in result.findings] == []
    assert ["promql-parser isn't installed" in note for note in result.notes] == [True]
    other = lint_text(engine, TEMPLATE % "graphite", "metrics.yaml", LintRequest(no_config=True))
    assert not other.notes


def test_with_the_parser_lint_reports_the_query() -> None:
    result = lint_text(engine, TEMPLATE % "prometheus", "metrics.yaml", LintRequest(no_config=True))
    assert [(finding.rule, finding.line) for finding in result.findings] == [("query-not-parsable", 6)]
    assert not result.notes
