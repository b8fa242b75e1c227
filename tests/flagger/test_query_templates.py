"""How Flagger's text/template reads queries (pkg/metrics/observers/render.go, metric.go:TemplateFunctions)."""

from __future__ import annotations

import pytest

from chartgen.flagger.query_templates import fault_of


@pytest.mark.parametrize(
    "query",
    [
        'sum(rate(errors{ns="{{ namespace }}"}[{{interval}}]))',
        'up{pod=~"{{ target }}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"}',
        'up{app="{{ printf "%s-canary" target }}"}',
        'up{app="{{- target | printf "%s" -}}"}',
        'up{code="{{ variables.code }}",x="{{ index variables "code" }}"}',
        '{{ $app := target }}up{app="{{ $app }}"}',
        '{{ if eq namespace "live" }}up{{ else }}down{{ end }}',
        "{{/* a comment about .Target */}}up",
        "{{ range $key, $value := variables }}{{ $key }}{{ . }}{{ end }}",
        'from(bucket: "x") |> filter(fn: (r) => r._field == "{{ target }}")',
        '[{"Id": "e1", "Expression": "m1 / m2", "MetricStat": {"Metric": {"Name": "{{ service }}"}}}]',
    ],
)
def test_queries_that_flagger_renders(query: str) -> None:
    assert fault_of(query) is None


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ('up{app="{{ target-name }}"}', "-"),
        ('up{app="{{ $target }}"}', "$target"),
        ('up{app="{{ pod }}"}', "pod"),
        ('up{app="{{ target | toUpper }}"}', "toUpper"),
        ('up{app="{{ .Target }}"}', ".Target"),
        ('up{app="{{ $.target }}"}', "$.target"),
        ('up{app="{{ target.name }}"}', "name"),
        ('up{app="{{ target"}', "}}"),
        ("{{ if target }}up", "end"),
        ("up{{ end }}", "end"),
    ],
)
def test_queries_that_flagger_does_not_render(query: str, word: str) -> None:
    assert word in str(fault_of(query))
