"""Dependencies are rendered once for all versions and values that they can't see, and always as the whole chart renders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartgen.charts.chart import Chart
from chartgen.errors import RenderError
from chartgen.helm.embedded import EmbeddedEngine
from chartgen.helm.request import RenderRequest

OWN = "{{ .Release.Name }}-{{ .Values.size }}-{{ .Values.sub.size }}-{{ (.Values.global).word }}"
FILES = {
    "Chart.yaml": "apiVersion: v2\nname: top\nversion: 0.1.0\ndependencies:\n- {name: sub, version: 0.1.0}\n",
    "values.yaml": "size: 1\nsub:\n  size: 2\n",
    "templates/_helpers.tpl": '{{ define "top.label" }}app: top{{ end }}',
    "templates/own.yaml": f'a: {OWN}\n{{{{ include "top.label" . }}}}\nb: {{{{ include "sub.label" . }}}}\n',
    "charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 0.1.0\n",
    "charts/sub/values.yaml": "size: 0\ncolor: red\n",
    "charts/sub/templates/_helpers.tpl": '{{ define "sub.label" }}of-sub{{ end }}',
    "charts/sub/templates/other.yaml": '{{ define "sub.too" }}x{{ end }}a: {{ include "sub.too" . }}-{{ include "sub.label" . }}\n',
    "charts/sub/templates/all.yaml": "values: {{ toJson .Values }}\nrelease: {{ toJson .Release }}\n",
}  # fmt: skip


class Counting(EmbeddedEngine):
    """Counts the renderings of whole charts."""

    wholes = 0

    def _rendered(self, chart: Chart, body: bytes, *, stays_loaded: bool) -> dict[str, str]:
        texts = super()._rendered(chart, body, stays_loaded=stays_loaded)
        self.wholes += any(text.strip() for path, text in texts.items() if "/charts/" in path)
        return texts


class Whole(EmbeddedEngine):
    """Renders every chart as a whole."""

    def _texts(self, chart: Chart, request: RenderRequest, values: dict[str, Any], body: bytes) -> dict[str, str]:
        del request, values
        return self._rendered(chart, body, stays_loaded=False)


WHOLE = Whole()


def top(**changes: str) -> Chart:
    """The chart with changed files: `charts__sub__values` is `charts/sub/values.yaml`."""
    texts = {**FILES, **{f"{path.replace('__', '/')}.yaml": text for path, text in changes.items()}}
    return Chart(Path("top"), "top", {path: text.encode() for path, text in texts.items()})


def with_text(path: str, text: str, chart: Chart | None = None) -> Chart:
    return (chart or top()).with_files({path: text.encode()})


def on(**values: Any) -> RenderRequest:
    return RenderRequest(release_name="shop", overlay=values)


def same(engine: EmbeddedEngine, chart: Chart, request: RenderRequest) -> None:
    """Both render the same, or refuse with the same message."""
    answers: list[Any] = []
    for each in (engine, WHOLE):
        try:
            answers.append(dict(each.render(chart, request)))
        except RenderError as error:
            answers.append((error.message, error.template, error.line))
    assert answers[0] == answers[1]


def wholes(*asked: tuple[Chart, RenderRequest]) -> int:
    """How many of the renderings are of whole charts; each must be what the whole chart renders."""
    engine = Counting()
    for chart, request in asked:
        same(engine, chart, request)
    engine.close()
    return engine.wholes


def test_what_a_dependency_cannot_see_does_not_render_it_again() -> None:
    changed = top(templates__own="c: {{ .Values.size }}\n", values="size: 7\nsub:\n  size: 2\nmore: {a: 1}\n")
    requests = [on(), on(size=3), on(size=4), on(other={"a": None})]
    assert wholes(*((top(), request) for request in requests)) == 1
    # The first release of each version is rendered as a whole.
    assert wholes(*((chart, request) for chart in (top(), changed) for request in requests)) == 2


@pytest.mark.parametrize(
    "request_",
    [
        on(sub={"size": 5}),
        on(**{"global": {"word": "x"}}),
        replace(on(), release_name="other"),
        replace(on(), namespace="other"),
        replace(on(), is_upgrade=True),
        replace(on(), kube_version="1.30.0"),
        replace(on(), api_versions=()),
    ],
)
def test_what_a_dependency_sees_renders_it_again(request_: RenderRequest) -> None:
    assert wholes((top(), on()), (top(), request_)) == 2


def described(dependency: str, own: str) -> Chart:
    """The chart with another description of its dependency, and a template of its own."""
    text = FILES["Chart.yaml"].replace("0.1.0}", f"0.1.0, {dependency}}}")
    return with_text("Chart.yaml", text, top(templates__own=f"a: {own}\n"))


TRAPS = {
    "its template includes one of the chart": with_text(
        "charts/sub/templates/other.yaml", 'a: {{ include "top.label" . }}\n'
    ),
    "its values name one of the chart": top(
        charts__sub__values="size: 0\nname: top.label\n",
        charts__sub__templates__other="a: {{ include .Values.name . }}\n",
    ),
    "the chart defines its template again": with_text(
        "templates/_helpers.tpl", '{{ define "top.label" }}a: 1{{ end }}{{ define "sub.label" }}z{{ end }}'
    ),
    "it may change the values of the chart": with_text(
        "charts/sub/templates/all.yaml",
        'a: {{ if eq (int .Values.size) 4 }}{{ $_ := set .Values "size" 9 }}{{ end }}\n',
    ),
    "it may merge into the values of the chart": with_text(
        "charts/sub/templates/all.yaml",
        'a: {{ if eq (int .Values.size) 4 }}{{ mergeOverwrite .Values (dict "size" 9) | toJson }}{{ end }}\n',
    ),
    "a template of the chart changes its values first": with_text(
        "templates/a/b/c/deep.yaml", 'a: {{ $_ := set .Values.sub "size" .Values.size }}\n'
    ),
    "the chart may include its template by path": with_text(
        "templates/own.yaml",
        'a: {{ if .Values.needed }}{{ include "top/charts/sub/templates/all.yaml" .Subcharts.sub | sha256sum }}{{ end }}\n',
    ),
    "it may include a template of the chart by path": with_text(
        "charts/sub/templates/other.yaml",
        'a: {{ if eq (int .Values.size) 4 }}{{ include (print (.Template.BasePath | replace "charts/sub/" "")'
        ' "/plain.yaml") . | sha256sum }}{{ end }}\n',
        with_text("templates/plain.yaml", 'a: {{ include "top.label" . }}\n'),
    ),
    "it includes a template of the chart that may change values": with_text(
        "charts/sub/templates/other.yaml",
        'a: {{ include "top.setup" . }}\n',
        with_text(
            "templates/_setup.tpl",
            '{{ define "top.setup" }}{{ if eq (int .Values.size) 4 }}{{ $_ := set .Values "size" 9 }}{{ end }}{{ end }}',
        ),
    ),
    "a value may be a template that changes values": top(
        charts__sub__values="text: '{{ if eq (int .Values.size) 4 }}{{ $_ := set .Values \"size\" 9 }}{{ end }}'\n",
        charts__sub__templates__other="a: x{{ tpl .Values.text . }}\n",
    ),
    "a value of the release is a template that changes values": top(
        charts__sub__templates__other="a: x{{ tpl (toString .Values.color) . }}\n",
    ),
    "it depends on a value": described("condition: size,sub.on", "{{ .Values.sub.color }}"),
    "it has another name": described("alias: size", "{{ (.Values.size).color }}-{{ (.Values.sub).color }}"),
    "the chart imports its values": described("import-values: [{child: color, parent: size}]", OWN),
    "it has tags": described("tags: [size]", "{{ .Values.sub.color }}"),
    "it fails for a value": with_text("charts/sub/templates/all.yaml", "a: {{ required `no` .Values.color }}\n"),
    "the chart fails for a value": with_text("templates/own.yaml", "a: {{ required `no` .Values.needed }}\n"),
    "values.yaml is broken": top(values="a: [\n"),
    "values.yaml is a list": top(values="- a\n"),
    "its values may be removed": top(values="size: 1\n", templates__own="a: {{ toJson .Values.sub }}\n"),
    "a default is null": top(values="size: 1\nsub:\n  size:\n  color: null\n"),
}
REQUESTS = [
    on(),
    on(size=8),
    on(size=False),
    on(sub={"size": 4}),
    on(sub={"on": False}),
    on(sub=None),
    on(sub={"color": None}),
    on(sub={"color": '{{ $_ := set .Values "size" .Release.Name }}'}),
    on(needed="a"),
    on(tags={"size": False}),
    on(size={"size": 3}),
    on(**{"global": {"word": "{{ set }}"}}),
    replace(on(size=2), release_name="top-label"),
]


def versions(chart: Chart) -> list[Chart]:
    """The chart, and the same with another named template."""
    key = "templates/_helpers.tpl"
    return [chart, with_text(key, chart.text(key).replace("app: top", "app: other").replace("}}z{{", "}}y{{"), chart)]


@pytest.mark.parametrize("trap", TRAPS)
def test_traps(trap: str) -> None:
    engine = EmbeddedEngine()
    for _ in range(2):
        for request in REQUESTS:
            for chart in versions(TRAPS[trap]):
                same(engine, chart, request)
    engine.close()


def test_what_is_random_is_rendered_each_time() -> None:
    chart = with_text("charts/sub/templates/all.yaml", "a: {{ uuidv4 }}\n")
    engine = EmbeddedEngine()
    texts = {engine.render(chart, on(size=size))["top/charts/sub/templates/all.yaml"] for size in (1, 2, 3, 3)}
    engine.close()
    assert len(texts) == 4


ENGINE = EmbeddedEngine()


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(TRAPS)), st.booleans(), st.sampled_from(REQUESTS)), min_size=2, max_size=8
    )
)
def test_any_order(asked: list[tuple[str, bool, RenderRequest]]) -> None:
    for trap, other, request in asked:
        same(ENGINE, versions(TRAPS[trap])[other], request)
