"""Expressions moved to another template: Helm decides whether they still render the same value."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartgen.canary.expression import Expression, ImmovableError, condition_text, movable_expression
from chartgen.charts.chart import Chart
from chartgen.charts.gotemplate.blocks import parse
from chartgen.helm.request import RenderRequest
from chartgen.manifests.tracing.origin import Origin

if TYPE_CHECKING:
    from chartgen.helm.engine import Engine

META = b"apiVersion: v2\nname: tried\nversion: 0.1.0\n"
VALUES = b"name: web\nport: 80\nlive: true\nmode: b\nweb: {name: inner, port: 8080, live: true}\nlist: [x, y]\n"


def chart_of(template: str, helpers: str = "") -> Chart:
    files = {"templates/a.yaml": template.encode(), "templates/_helpers.tpl": helpers.encode()}
    return Chart(Path("tried"), "tried", {"Chart.yaml": META, "values.yaml": VALUES, **files})


def origin(chart: Chart, path: str = "templates/a.yaml", key: str = "name") -> Origin:
    """The value of the last line `key: …` in the file."""
    text = chart.text(path)
    start = text.rindex(f"{key}: ") + len(key) + 2
    end = text.index("\n", start)
    return Origin(path, start, end, text[start:end], own_line=True)


def rendered_at(engine: Engine, chart: Chart, expression: Expression) -> str:
    """What the expression prints at the top of a template of its own."""
    lines = [*(f"{{{{- {assignment} }}}}" for assignment in expression.prelude)]
    lines += [f"{{{{- if {condition} }}}}" for condition in expression.conditions]
    lines += [f"moved: {expression.text}", *("{{- end }}" for _ in expression.conditions), ""]
    moved = chart.with_files({"templates/moved.yaml": "\n".join(lines).encode()})
    text = engine.render(moved, RenderRequest(release_name="blue")).get("tried/templates/moved.yaml", "")
    return text.strip().removeprefix("moved: ")


MOVES = {
    "literal": ("name: fixed\n", "fixed"),
    "value": ("name: {{ .Values.name }}\n", "web"),
    "variable": ("{{- $n := .Values.name }}\nname: {{ $n }}-x\n", "web-x"),
    "variables of variables": ("{{ $a := .Values.name }}{{ $b := printf `%s-b` $a }}\nname: {{ $b }}\n", "web-b"),
    "reassigned": ("{{ $a := `x` }}\n{{ $a = printf `%s-y` $a }}\nname: {{ $a }}\n", "x-y"),
    "with": ("{{- with .Values.web }}\nname: {{ .name }}\n{{- end }}\n", "inner"),
    "with a name": ("{{- with $w := .Values.web }}\nname: {{ $w.name }}\n{{- end }}\n", "inner"),
    "two withs": ("{{ with .Values.web }}{{ with .name }}\nname: {{ . }}\n{{ end }}{{ end }}\n", "inner"),
    "if inside with": ("{{ with .Values.web }}{{ if .live }}\nname: {{ .name }}\n{{ end }}{{ end }}\n", "inner"),
    "dot and other dots inside with": (
        "{{ with .Values.web }}{{ if and . (eq $.Values.name `web`) (ne .name `.name`) }}\nname: web\n{{ end }}{{ end }}\n",
        "web",
    ),
    "if": ("{{- if .Values.live }}\nname: {{ .Values.name }}\n{{- end }}\n", "web"),
    "else": ("{{- if eq .Values.mode `a` }}\nx: 1\n{{- else }}\nname: {{ .Values.name }}\n{{- end }}\n", "web"),
    "else if": (
        "{{- if eq .Values.mode `a` }}\nx: 1\n{{- else if eq .Values.mode `b` }}\nname: b\n{{- else }}\ny: 1\n{{- end }}\n",
        "b",
    ),
    "root": ("name: {{ $.Values.name }}-{{ $.Release.Name }}\n", "web-blue"),
}


@pytest.mark.parametrize("name", MOVES)
def test_a_moved_expression_renders_the_same_value(name: str, engine: Engine) -> None:
    template, expected = MOVES[name]
    chart = chart_of(template)
    (text,) = engine.render(chart, RenderRequest(release_name="blue")).values()
    assert f"name: {expected}\n" in text
    assert rendered_at(engine, chart, movable_expression(chart, origin(chart))) == expected


REFUSED = {
    "range": ("{{- range .Values.list }}\nname: {{ . }}\n{{- end }}\n", "it is inside `{{ range .Values.list }}`"),
    "range with names": (
        "{{- range $i, $n := .Values.list }}\nname: {{ $n }}\n{{- end }}\n",
        "inside `{{ range $i, $n := .Values.list }}`",
    ),
    "if inside with a call": (
        "{{ with omit .Values.web `port` }}{{ if .live }}\nname: {{ .name }}\n{{ end }}{{ end }}\n",
        "it depends on a condition inside `with`",
    ),
    "set in a branch": (
        "{{ $n := `x` }}{{ if .Values.live }}{{ $n = `y` }}{{ end }}\nname: {{ $n }}\n",
        "has conditions of its own",
    ),
    "set nowhere": ("name: {{ $n }}\n", "it reads $n, which isn't assigned before it"),
    "set in a loop": (
        "{{ $n := `` }}{{ range .Values.list }}{{ $n = . }}{{ end }}\nname: {{ $n }}\n",
        "has conditions of its own",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_immovable_expression_is_rejected_with_the_reason(name: str) -> None:
    template, reason = REFUSED[name]
    chart = chart_of(template)
    with pytest.raises(ImmovableError, match=re.escape(reason)):
        movable_expression(chart, origin(chart))


def test_an_expression_in_a_named_template_has_the_conditions_of_its_include(engine: Engine) -> None:
    helpers = '{{- define "tried.web" }}\n{{- $n := .Values.name }}\nname: {{ $n }}\n{{- end }}\n'
    chart = chart_of('{{- if .Values.live }}{{ include "tried.web" . }}{{- end }}\n', helpers)
    moved = movable_expression(chart, origin(chart, "templates/_helpers.tpl"), "templates/a.yaml")
    assert moved.conditions == (".Values.live",)
    assert rendered_at(engine, chart, moved) == "web"


def test_enclosing_conditions_are_not_repeated() -> None:
    expression = Expression("x", (), (".a", ".b"))
    assert expression.within(Expression("", (), (".a",))).conditions == (".b",)
    assert expression.within().conditions == (".a", ".b")


@pytest.mark.parametrize(
    ("word", "expected"),
    [("one", ".a"), ("two", "and (not (.a)) (.b)"), ("three", "and (not (.a)) (not (.b))"), ("four", "not (.c)")],
)
def test_a_branch_as_one_condition(word: str, expected: str) -> None:
    text = "{{ if .a }}one{{ else if .b }}two{{ else }}three{{ end }}{{ if .c }}{{ else }}four{{ end }}"
    (condition,) = parse(text).conditions_at(text.index(word))
    assert condition_text(condition) == expected
