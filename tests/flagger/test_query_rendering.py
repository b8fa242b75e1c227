"""Queries rendered as Flagger renders them; Go's answers are a fixture (tests/flagger/queries/main.go)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chartgen.flagger.canary import read_canary
from chartgen.flagger.query_rendering import query_model, rendered_query
from tests.conftest import ROOT

ANSWERS: list[dict[str, Any]] = json.loads((ROOT / "fixtures" / "rendered-queries.json").read_text(encoding="utf-8"))
MODEL = {
    "name": "web",
    "namespace": "production",
    "target": "web",
    "service": "shop",
    "ingress": "edge",
    "route": "web",
    "interval": "1m",
}
VARIABLES = {"code": "5..", "empty": "", "path": "/pay"}
# What chartgen leaves to Go: it then says nothing about the query.
LEFT_OUT = (
    *(
        "{{ printf",
        "{{ html",
        "{{ slice",
        "{{ define",
        "{{ template",
        "{{ len target | printf",
        "{{ eq 1",
        "{{ range 3",
    ),
    *("{{ 'a' }}", "{{if}}", "{{ variables }}", "{{ nil }}"),
)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: ascii(answer["query"]))
def test_queries_render_as_in_go(answer: dict[str, Any]) -> None:
    found = rendered_query(answer["query"], MODEL, VARIABLES)
    if found.text is None and found.fault is None:
        assert answer["query"].startswith(LEFT_OUT)
    else:
        assert (found.text, found.fault is not None) == (answer.get("text"), "error" in answer)


def test_most_queries_are_determined() -> None:
    found = [rendered_query(answer["query"], MODEL, VARIABLES) for answer in ANSWERS]
    assert sum(each.text is not None for each in found) > 25
    assert sum(each.fault is not None for each in found) > 10


def test_a_variable_that_is_missing_where_it_is_read() -> None:
    query = '{{ if eq target "web" }}up{{ else }}{{ variables.absent }}{{ end }}'
    assert rendered_query(query, MODEL, {}).text == "up"
    assert rendered_query(query, {**MODEL, "target": "api"}, {}).missing == "absent"


def test_a_query_that_never_ends_is_left_to_go() -> None:
    nested = "{{ range variables }}" * 12 + "x" + "{{ end }}" * 12
    assert rendered_query(nested, MODEL, {str(index): "v" for index in range(9)}).text is None
    assert rendered_query("{{ if target }}" * 300 + "{{ end }}" * 300, MODEL, {}).text is None


def test_the_functions_of_a_canary() -> None:
    """scheduler_metrics.go:toMetricModel"""
    spec = {
        "targetRef": {"kind": "Deployment", "name": "web"},
        "service": {"name": "shop"},
        "ingressRef": {"name": "edge"},
    }
    canary = read_canary({"metadata": {"name": "web", "namespace": "production"}, "spec": spec})
    assert query_model(canary, "1m") == MODEL
