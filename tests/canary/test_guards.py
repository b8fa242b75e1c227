"""Lines put around a chart's own, and taken out again to the byte."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chartgen.canary.guards import strip, wrap_replicas, wrap_service
from chartgen.canary.regions import Region, include_offsets, service_regions
from chartgen.charts.chart import Chart
from chartgen.charts.gotemplate.blocks import parse
from chartgen.helm.request import RenderRequest

if TYPE_CHECKING:
    from chartgen.helm.engine import Engine

META = b"apiVersion: v2\nname: shop\nversion: 0.1.0\n"

SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
OTHER = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n"

LINES = st.lists(
    st.sampled_from(["kind: Service", "  replicas: 2", "", "  ", "# é", "---", "--- # two", "{{- if .a }}", "{{- end }}",
                     '{{- define "x" }}', "\tname: a", "{{- else }}", "{{- end }}{{- /* canary */}}", "a: {{ . }}"]),
    max_size=12,
)  # fmt: skip
ENDS = st.sampled_from(["\n", "\r\n"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Lines of a template, their ends alike or mixed, the last with or without one."""
    lines = draw(LINES)
    ends = [draw(ENDS)] * len(lines) if draw(st.booleans()) else [draw(ENDS) for _ in lines]
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    return text.rstrip("\r\n") if draw(st.booleans()) else text


@given(texts(), st.data(), st.lists(st.sampled_from(["$a := .Values.b", "$_ := 1"]), max_size=2))
def test_a_wrapped_service_comes_back_to_the_byte(text: str, data: st.DataObject, assignments: list[str]) -> None:
    assume(text)
    regions = list(service_regions(text, data.draw(st.integers(0, len(text) - 1))))
    assume(regions)
    region = data.draw(st.sampled_from(regions))
    wrapped = wrap_service(text, region, "shop.canary", tuple(assignments))
    assert wrapped != text
    assert strip(wrapped, "shop") == text
    assert strip(wrapped, "other") == wrapped


@given(texts(), st.data(), st.booleans())
def test_wrapped_replicas_come_back_to_the_byte(text: str, data: st.DataObject, live: bool) -> None:
    found = [match.start() for match in re.finditer("replicas", text)]
    assume(found)
    wrapped = wrap_replicas(text, data.draw(st.sampled_from(found)), "shop.canary", live=live)
    asked = 'with include "shop.canary.replicas" $' if live else 'if not (include "shop.canary.on" $)'
    assert f"{asked} }}}}" in wrapped
    assert strip(wrapped, "shop") == text


BALANCED = st.lists(st.sampled_from([SERVICE, "{{- if .a }}\nx: 1\n{{- end }}\n", "# é\n", "\n"]), max_size=4).map(
    "".join
)
REPLICAS = "kind: Deployment\nspec:\n  replicas: {{ .a }}\n"


@given(BALANCED, BALANCED, st.booleans(), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_both_edits_in_one_file_come_back_to_the_byte(
    before: str, after: str, service_first: bool, end: str, ends: bool
) -> None:
    documents = [before + SERVICE + after, REPLICAS]
    text = "---\n".join(documents if service_first else reversed(documents)).replace("\n", end)
    text = text if ends else text.rstrip("\r\n")
    wrapped = wrap_replicas(text, text.index("replicas"), "shop.canary")
    region = next(service_regions(wrapped, wrapped.index("kind: Service")))
    wrapped = wrap_service(wrapped, region, "shop.canary", ("$a := 1",))
    assert wrapped.count("canary.replicas") == 1
    assert strip(wrapped, "shop") == text


@given(texts())
def test_a_text_without_our_lines_is_left_alone(text: str) -> None:
    assert strip(text, "shop") == text


# What the helper file does while the canary is off.
OFF = (
    '{{- define "shop.canary.service" -}}{{- include "shop.canary.chart-service" . }}{{- end }}'
    '{{- define "shop.canary.replicas" -}}{{- end }}'
)
BLANKS = st.sampled_from(["", "", "\n", "\n\n", "  \n", "\t\n", " \r\n", "# words\n", "# words  \n"])
AROUND = st.sampled_from([
    ("", ""), ("{{- if true }}\n", "{{- end }}\n"), ("{{ if true }}\n", "{{ end }}\n"),
    ("{{ if true -}}\n", "{{ end -}}\n"), ("{{- $x := 1 -}}\n", ""), ("{{ $x := 1 }}\n", ""),
])  # fmt: skip


@given(
    blanks=st.lists(BLANKS, min_size=6, max_size=6),
    service_in=AROUND,
    other_in=AROUND,
    ends=st.booleans(),
    separated=st.booleans(),
)
@settings(deadline=None)
def test_switched_off_every_blank_is_printed_as_before(
    blanks: list[str],
    service_in: tuple[str, str],
    other_in: tuple[str, str],
    ends: bool,
    separated: bool,
    engine: Engine,
) -> None:
    """Helm 4.3 prints the blank lines of documents as they are."""
    one, two, three, four, five, six = blanks
    deployment = f"kind: Deployment\nspec:{three or chr(10)}  replicas: {{{{ 2 }}}}{four or chr(10)}  paused: true\n"
    text = (
        f"{other_in[0]}{OTHER}{one}{other_in[1]}{two}"
        f"{'---' + chr(10) if separated else ''}{service_in[0]}{SERVICE}{five}{service_in[1]}{six}---\n{deployment}"
    )
    text = text if ends else text.rstrip("\n")
    wrapped = wrap_replicas(text, text.index("replicas"), "shop.canary")
    region = next(service_regions(wrapped, wrapped.index("kind: Service")))
    wrapped = wrap_service(wrapped, region, "shop.canary", ())
    assert strip(wrapped, "shop") == text
    assert rendered(engine, wrapped).lstrip() == rendered(engine, text).lstrip()


def rendered(engine: Engine, template: str) -> str:
    files = {"Chart.yaml": META, "templates/a.yaml": template.encode(), "templates/_off.tpl": OFF.encode()}
    return engine.render(Chart(Path("shop"), "shop", files), RenderRequest())["shop/templates/a.yaml"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_added_lines_end_as_the_files_do(end: str) -> None:
    text = (SERVICE + "spec:\n  replicas: 1\n").replace("\n", end)
    wrapped = wrap_replicas(
        wrap_service(text, Region(0, len(text)), "shop.canary", ()), text.index("replicas"), "shop.canary"
    )
    assert wrapped.count("\n") == wrapped.count(end)


REGIONS = {
    "the whole file": (SERVICE, "Service", SERVICE),
    "one document of two": (OTHER + "---\n" + SERVICE, "Service", "---\n" + SERVICE),
    "the first of two": (SERVICE + "---\n" + OTHER, "Service", SERVICE),
    "the if around it": ("{{- if .a }}\n" + SERVICE + "{{- end }}\n", "Service", None),
    "an if around two": ("{{ if .a }}\n" + SERVICE + "---\n" + OTHER + "{{ end }}\n", "Service", SERVICE),
    "an if around two and a licence": (
        "# mine\n\n{{ if .a }}\n" + OTHER + "---\n" + SERVICE + "{{ end }}\n",
        "Service",
        "---\n" + SERVICE,
    ),
    "a range around two": ("{{ range .a }}\n" + SERVICE + "---\n" + OTHER + "{{ end }}\n", "Service", None),
    "a licence": ("# mine\n# all of it\n" + SERVICE, "Service", SERVICE),
    "a licence of the template": ("{{/* mine\nall of it */}}\n" + SERVICE, "Service", SERVICE),
    "an else branch": (
        "{{ if .a }}\nx: 1\n{{ else if .b }}\n" + SERVICE + "---\n" + OTHER + "{{ else }}\ny: 1\n{{ end }}\n",
        "Service",
        SERVICE,
    ),
    "an if that ends in the document": (
        OTHER + "{{ if .a }}\n---\n" + SERVICE + "{{ end }}\n{{ if .b }}\n---\n" + OTHER + "{{ end }}\n",
        "Service",
        "{{ if .a }}\n---\n" + SERVICE + "{{ end }}\n",
    ),
    "after a define": ('{{- define "a" }}x{{ end }}\n' + SERVICE, "Service", SERVICE),
    "before a define": (SERVICE + '{{ define "a" }}x{{ end }}\n', "Service", SERVICE),
}


@pytest.mark.parametrize(("text", "word", "expected"), REGIONS.values(), ids=REGIONS)
def test_the_region_around_a_service(text: str, word: str, expected: str | None) -> None:
    """None stands for the whole text."""
    region = next(service_regions(text, text.index(word)))
    assert text[region.start : region.end] == (expected or text)
    assert parse(text).is_balanced(region.start, region.end)


def test_the_blocks_around_a_region_begin_again() -> None:
    text = "{{ if .a -}}\nx: 1\n{{ else if\n  .b }}\n" + SERVICE + "---\n" + OTHER + "{{ end }}\n"
    region = next(service_regions(text, text.index("Service")))
    assert (region.openers, region.depth) == ("{{ if .a }}{{ else if .b }}", 1)
    wrapped = wrap_service(text, region, "shop.canary", ())
    assert strip(wrapped, "shop") == text
    assert '{{- end }}{{- define "shop.canary.chart-service" }}{{ if .a }}{{ else if .b }}\n' in wrapped


def test_a_service_inside_a_define_has_no_region() -> None:
    text = '{{ define "service" }}\n' + SERVICE + "{{ end }}\n"
    assert not list(service_regions(text, text.index("Service")))


def test_calls_outside_named_templates() -> None:
    text = '{{ define "x" }}{{ include "y" . }}{{ end }}{{ include "x" . }}{{ template "x" . }}{{ .a }}'
    assert include_offsets(text) == [text.index("{{ template"), text.index('{{ include "x"')]
