"""What Helm's errors mean: a value without a default, or a dot that isn't the root context. Helm itself is asked."""

from __future__ import annotations

import pytest

from chartgen.errors import RenderError
from chartgen.helm.request import RenderRequest
from chartgen.rules.reading.helm_errors import missing_value, wrong_dot
from tests.lint.charts import in_memory
from tests.rules.harness import engine

HELPER = '{{- define "name" }}{{ .Chart.Name }}{{ end }}{{- define "of" }}{{ .context.Values.name }}{{ end }}'
VALUES = "canary: {name: web}\nhosts: [a.test]\n"


def error_of(template: str) -> RenderError:
    chart = in_memory(
        {
            "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            "values.yaml": VALUES,
            "templates/_names.tpl": HELPER,
            "templates/a.yaml": template,
        }
    )
    with pytest.raises(RenderError) as failure:
        engine.render(chart, RenderRequest())
    return failure.value


@pytest.mark.parametrize(
    ("template", "expression"),
    [
        ('{{ with .Values.canary }}\na: {{ include "name" . }}{{ end }}', ".Chart.Name"),
        ('{{ with .Values.canary }}\na: {{ include "name" $.Values.canary }}{{ end }}', ".Chart.Name"),
        ('{{ range .Values.hosts }}\na: {{ include "name" . }}{{ end }}', ".Chart.Name"),
        ("{{ range .Values.hosts }}\na: {{ .Values.port }}{{ end }}", ".Values.port"),
        ("{{ with .Values.canary }}\na: {{ .Values.canary.port }}{{ end }}", ".Values.canary.port"),
        ("{{ with .Values.canary }}\na: {{ .Release.Name }}{{ end }}", ".Release.Name"),
        ('\na: {{ include "of" (dict "root" .) }}', ".context.Values.name"),
    ],
)
def test_a_built_in_object_that_is_missing_means_a_wrong_dot(template: str, expression: str) -> None:
    error = error_of(template)
    dot = wrong_dot(error)
    assert dot is not None
    assert (dot.expression, dot.path, dot.line) == (expression, "web/templates/a.yaml", 2)
    assert missing_value(error) is None


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("a: {{ .Values.gone.port }}", ".Values.gone.port"),
        ("a: {{ .Values.canary.gone.port }}", ".Values.canary.gone.port"),
        ("a: {{ .Values.canary.Release.Name }}", ".Values.canary.Release.Name"),
        ("a: {{ len .Values.gone }}", ".Values.gone"),
        ("a: {{ index .Values.gone 0 }}", ".Values.gone"),
    ],
)
def test_a_value_that_is_missing_is_no_wrong_dot(template: str, value: str) -> None:
    error = error_of(template)
    assert wrong_dot(error) is None
    assert missing_value(error) == value
