"""What renders the same at the next upgrade isn't rendered again, and Helm agrees."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chartgen.charts.load import load_chart
from chartgen.helm.request import RenderRequest
from chartgen.manifests.rendering import render
from chartgen.rules.reading.next_upgrade import rendered_later
from tests.conftest import CHARTS
from tests.helm.test_engines import chart_of

if TYPE_CHECKING:
    from chartgen.helm.engine import Engine

INSTALL = RenderRequest(release_name="shop")
UPGRADE = replace(INSTALL, is_upgrade=True)


def test_fixtures_that_are_not_rendered_again(engine: Engine) -> None:
    charts = [load_chart(path) for path in sorted(CHARTS.iterdir()) if path.is_dir()]
    skipped = 0
    for chart in charts:
        rendering = render(engine, chart, INSTALL, "")
        if rendered_later(engine, rendering, UPGRADE) is rendering:
            assert engine.render(chart, UPGRADE) == rendering.texts
            skipped += 1
    assert skipped > len(charts) / 2


@pytest.mark.parametrize(
    "template",
    [
        "a: {{ .Release.IsUpgrade }}",
        "a: {{ $.Release.IsInstall }}",
        "a: {{ .Release | toJson }}",
        "a: {{ toJson .Release }}",
        "{{- with .Release }}\na: {{ .IsUpgrade }}{{ end }}",
        '{{- with index . "Release" }}\na: {{ toJson . }}{{ end }}',
        "a: {{ toJson (omit $ `Files`) | sha256sum }}",
        "a: {{ toYaml . | sha256sum }}",
        "a: {{ tpl .Values.text . }}",
    ],
)
def test_what_shows_the_upgrade_is_rendered_again(template: str, engine: Engine) -> None:
    chart = chart_of(template, "text: '{{ .Release.IsUpgrade }}'\n")
    rendering = render(engine, chart, INSTALL, "")
    later = rendered_later(engine, rendering, UPGRADE)
    assert later is not None
    assert later is not rendering
    assert later.texts != rendering.texts
