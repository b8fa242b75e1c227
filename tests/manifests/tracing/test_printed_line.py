"""Text that is no YAML is told at the template's line, whatever stands between it and the rendered line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartgen.errors import RenderError
from chartgen.helm.request import RenderRequest
from chartgen.manifests.rendering import render
from chartgen.manifests.tracing.printed_line import with_line
from tests.lint.charts import CANARY, files, in_memory

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine

HELPER = '{{- define "web.labels" -}}\napp: web\ntier front\nteam: shop\n{{- end }}\n'


def _error(engine: Engine, chart: Chart) -> RenderError:
    with pytest.raises(RenderError) as caught:
        render(engine, chart, RenderRequest(), "")
    return with_line(engine, chart, RenderRequest(), caught.value)


BROKEN = {
    "a colon in a value": "# a comment\n{{- if true }}\n# another\n{{- end }}\na: 1\n\nb: c: d  # <-\ne: f\n",
    "a line glued to the one before": "{{- if true }}\na: 1\n{{ else -}}\n{{ end -}}\nb: 2\n{{ if true -}}\nc: 3\n{{- end -}}\nd: 4  # <-\n",
    "bad indentation": "a:\n  b: 1\n   c: 2  # <-\nd: 3\n",
    "after a second document": "{{ range list 1 2 3 }}---\na: {{ . }}\n{{ end }}---\nb: 1\n'c  # <-\n",
    "a helper that prints several lines": 'a:\n  {{- include "web.labels" . | nindent 2 }}  # <-\nb: 1\n',
    "a value that is no YAML": 'a: 1\nb:\n{{ "x: y: z\\nw: 1" | indent 2 }}  # <-\nc: 1\n',
    "its own helper beside": '{{ define "own" -}}\nx: 1\n{{- end }}\na: {{ include "own" . }}\nb: c: d  # <-\n',
    "a tab for blanks": "a:\n\tb: 1  # <-\n",
    "a tab that is fine": "a:\t1\nb: c: d  # <-\n",
    "a list": "- a  # <-\n- b\n",
}


@pytest.mark.parametrize("template", BROKEN.values(), ids=BROKEN)
def test_the_line_that_printed_it_is_told(engine: Engine, template: str) -> None:
    error = _error(engine, in_memory(files("{}\n", template, templates___helpers_tpl=HELPER)))
    marked = next(number for number, line in enumerate(template.splitlines(), start=1) if "# <-" in line)
    assert (error.template, error.line) == ("web/templates/canary.yaml", marked)
    assert "rendered line" not in error.message


def test_every_helm_tells_the_same_line(any_engine: Engine) -> None:
    chart = in_memory(files("{}\n", CANARY.replace("    interval: 1m\n", "    interval: 1m: 2\n", 1)))
    error = _error(any_engine, chart)
    assert (error.template, error.line) == ("web/templates/canary.yaml", 12)


def test_lines_ended_as_windows_does(engine: Engine) -> None:
    template = "{{- if true }}\r\na: 1\r\n{{- end }}\r\nb: c: d\r\n"
    assert _error(engine, in_memory(files("{}\n", template))).line == 4


def test_what_another_error_says_is_left_alone(engine: Engine) -> None:
    error = _error(engine, in_memory(files("{}\n", "a: 1\nb: {{ fail .Release.Name }}\n")))
    assert (error.line, error.column) == (2, 7)


def test_a_template_that_prints_something_else_each_time_is_not_misread(engine: Engine) -> None:
    """What differs at each rendering cannot be held against what was rendered."""
    template = "a: 1\nb: {{ now | unixEpoch }}: {{ randAlpha 9 }}: c\n"
    assert _error(engine, in_memory(files("{}\n", template))).line is None
