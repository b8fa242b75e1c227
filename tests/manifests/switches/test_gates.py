"""The namespaces that a chart's gates name, and the first condition that is false."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartgen.charts.chart import Chart
from chartgen.helm.request import RenderRequest
from chartgen.manifests.switches.gates import closed_gate, gated_namespaces, gates, mentions

if TYPE_CHECKING:
    from chartgen.helm.engine import Engine

META = b"apiVersion: v2\nname: app\nversion: 0.1.0\n"


def chart_of(opening: str, helpers: str = "", kind: str = "Canary", values: str = "") -> Chart:
    ends = "\n{{ end }}" * (opening.count("{{ if") + opening.count("{{ with") + opening.count("{{ range"))
    files = {
        "Chart.yaml": META.decode(),
        "values.yaml": values,
        "templates/_helpers.tpl": helpers,
        "templates/canary.yaml": f"{opening}\napiVersion: flagger.app/v1beta1\nkind: {kind}\nmetadata: {{name: x}}{ends}\n",
    }
    return Chart(Path("app"), "app", {path: text.encode() for path, text in files.items()})


NAMED = [
    ("", ()),
    ('{{ if eq .Release.Namespace "a" }}', ("a",)),
    ('{{ if eq "a" $.Release.Namespace }}', ("a",)),
    ('{{ if or (eq .Release.Namespace "a") (eq .Release.Namespace "b") }}', ("a", "b")),
    ('{{ if has .Release.Namespace (list "a" "b-1") }}', ("a", "b-1")),
    ('{{ if eq .Values.env "prod" }}', ()),
    ('{{ if eq .Release.Namespace "a" }}{{ if .Values.on }}', ("a",)),
    ("{{ if eq .Release.Namespace `a` }}", ("a",)),
    ('{{ if include "app.gate" . }}', ("from-helper",)),
]


@pytest.mark.parametrize(("opening", "expected"), NAMED, ids=[opening for opening, _ in NAMED])
def test_the_namespaces_that_gates_name(opening: str, expected: tuple[str, ...], engine: Engine) -> None:
    helpers = '{{ define "app.gate" }}{{ if eq .Release.Namespace "from-helper" }}true{{ end }}{{ end }}'
    assert gated_namespaces(engine, chart_of(opening, helpers), RenderRequest()) == expected


LISTS = "canary: {namespaces: [a, b], home: c, mode: live, none: []}\n"
IN_VALUES = [
    ("{{ if has .Release.Namespace .Values.canary.namespaces }}", ("a", "b")),
    ("{{ if and (.Values.canary).on (or (has .Release.Namespace .Values.canary.namespaces) .Values.x) }}", ("a", "b")),
    ("{{ if has $.Release.Namespace (.Values.canary).namespaces }}", ("a", "b")),
    ("{{ if has .Release.Namespace (default (list) $.Values.canary.namespaces) }}", ()),
    ("{{ if eq .Release.Namespace .Values.canary.home }}", ("c",)),
    ("{{ if eq .Values.canary.home .Release.Namespace }}", ("c",)),
    ("{{ if has .Release.Namespace .Values.canary.none }}", ()),
    ('{{ if and (eq .Values.canary.mode "live") (eq .Release.Namespace "z") }}', ("live", "z")),
]


@pytest.mark.parametrize(("opening", "expected"), IN_VALUES, ids=[opening for opening, _ in IN_VALUES])
def test_the_namespaces_of_a_list_in_the_values(opening: str, expected: tuple[str, ...], engine: Engine) -> None:
    assert gated_namespaces(engine, chart_of(opening, values=LISTS), RenderRequest()) == expected


def test_the_values_of_the_release_decide(engine: Engine) -> None:
    chart = chart_of("{{ if has .Release.Namespace .Values.canary.namespaces }}", values=LISTS)
    over = RenderRequest().over({"canary": {"namespaces": ["d"]}})
    assert gated_namespaces(engine, chart, over) == ("d",)


def test_the_values_of_a_subchart_are_below_its_key(engine: Engine) -> None:
    below = chart_of("{{ if has .Release.Namespace .Values.namespaces }}", values="namespaces: [own]\n").files
    files = {"Chart.yaml": META, "values.yaml": b"sub: {namespaces: [outer]}\n"}
    files |= {f"charts/sub/{path}": data.replace(b"name: app", b"name: sub") for path, data in below.items()}
    assert gated_namespaces(engine, Chart(Path("app"), "app", files), RenderRequest()) == ("outer",)


def test_each_condition_around_a_canary_once_outermost_first() -> None:
    found = gates(chart_of('{{ if eq .Release.Namespace "a" }}\n{{ if .Values.live }}'))
    assert [(gate.line, gate.condition.expression) for gate in found] == [
        (1, 'eq .Release.Namespace "a"'),
        (2, ".Values.live"),
    ]
    assert found[1].description == "templates/canary.yaml:2: {{ if .Values.live }} is false"


@pytest.mark.parametrize(
    ("opening", "description"),
    [
        ("{{ with .Values.a }}", "{{ with .Values.a }} is empty"),
        ("{{ range .Values.a }}", "{{ range .Values.a }} has no items"),
        ("{{ if .Values.a }}x: 1{{ else }}", "{{ if .Values.a }} takes another branch"),
    ],
)
def test_why_a_branch_is_not_taken(opening: str, description: str) -> None:
    (gate,) = gates(chart_of(opening))
    assert gate.description == f"templates/canary.yaml:1: {description}"


@pytest.mark.parametrize(("kind", "expected"), [("Canary", True), ("'Canary'", True), ("CanaryX", False), ("A", False)])
def test_whether_a_chart_contains_a_canary(kind: str, expected: bool) -> None:
    assert mentions(chart_of("", kind=kind)) is expected


CLOSED = [
    ('{{ if eq .Release.Namespace "a" }}', "", 'eq .Release.Namespace "a"'),
    ("{{ if .Values.live }}", "live: false", ".Values.live"),
    ("{{ if .Values.live }}\n{{ if .Values.more }}", "live: true", ".Values.more"),
    ("{{ if .Values.live }}", "live: true", None),
    ("{{ if not .Values.off }}x: 1{{ else }}", "", ""),
    ("{{ range .Values.list }}{{ if .x }}", "list: [{x: false}]", None),
]


@pytest.mark.parametrize(("opening", "values", "expected"), CLOSED, ids=[opening for opening, *_ in CLOSED])
def test_the_first_closed_condition(opening: str, values: str, expected: str | None, engine: Engine) -> None:
    gate = closed_gate(engine, chart_of(opening, values=values), RenderRequest(namespace="elsewhere"))
    assert (gate.condition.expression if gate else None) == expected


def test_a_closed_condition_whose_helper_is_defined_in_a_manifest(engine: Engine) -> None:
    chart = chart_of('{{ if include "app.live" . }}')
    helper = b'{{ define "app.live" }}{{ if .Values.live }}true{{ end }}{{ end }}kind: ConfigMap\n'
    gate = closed_gate(engine, chart.with_files({"templates/config.yaml": helper}), RenderRequest())
    assert gate is not None
    assert gate.condition.expression == 'include "app.live" .'
