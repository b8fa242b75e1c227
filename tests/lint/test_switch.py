"""The switch of a chart's canary: found in the conditions around it, in every shape people write them."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.charts.load import load_chart
from chartgen.errors import ChartgenError
from chartgen.helm.request import RenderRequest
from chartgen.helm.select import select_engine
from chartgen.manifests.switches.kinds import renders_canary
from chartgen.manifests.switches.switch import SwitchSetting, find_switch
from tests.lint.charts import CANARY, files, in_memory

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart

engine = select_engine("embedded")
SHARED = Path(__file__).parents[3] / "shared" / "canaries"

_HELPER = '{{- define "web.on" -}}{{- if .Values.canary.enabled -}}true{{- end -}}{{- end -}}'
_PLAIN_HELPER = '{{- define "web.on" -}}{{ .Values.canary.enabled }}{{- end -}}'


def _within(*openers: str) -> str:
    return "".join(f"{{{{- {opener} }}}}\n" for opener in openers) + CANARY + "{{- end }}\n" * len(openers)


OFF = "canary:\n  enabled: false\n"
SHAPES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "plain": (OFF, _within("if .Values.canary.enabled"), {"canary": {"enabled": True}}),
    "root": (OFF, _within("if $.Values.canary.enabled"), {"canary": {"enabled": True}}),
    "eq true": (OFF, _within("if eq .Values.canary.enabled true"), {"canary": {"enabled": True}}),
    "string": ('mode: "off"\n', _within('if eq .Values.mode "canary"'), {"mode": "canary"}),
    "swapped": ('mode: "off"\n', _within('if eq "canary" .Values.mode'), {"mode": "canary"}),
    "ne": ("mode: none\n", _within('if ne .Values.mode "none"'), {"mode": "none-x"}),
    "has": ("features: [a]\n", _within('if has "canary" .Values.features'), {"features": ["a", "canary"]}),
    "not": ("plain: true\n", _within("if not .Values.plain"), {"plain": False}),
    "and": (
        "canary: {enabled: false}\nistio: {enabled: false}\n",
        _within("if and .Values.canary.enabled .Values.istio.enabled"),
        {"canary": {"enabled": True}, "istio": {"enabled": True}},
    ),
    "or": ("a: false\nb: false\n", _within("if or .Values.a .Values.b"), {"a": True}),
    "nested": (
        "canary: {enabled: false}\nistio: {enabled: false}\n",
        _within("if .Values.istio.enabled", "if .Values.canary.enabled"),
        {"canary": {"enabled": True}, "istio": {"enabled": True}},
    ),
    "else": (
        "knative: true\n",
        "{{- if .Values.knative }}\n{{- else }}\n" + CANARY + "{{- end }}\n",
        {"knative": False},
    ),
    "else if": (
        "knative: true\ncanary: {enabled: false}\n",
        "{{- if .Values.knative }}\n{{- else if .Values.canary.enabled }}\n" + CANARY + "{{- end }}\n",
        {"knative": False, "canary": {"enabled": True}},
    ),
    "with": (
        "canary: {enabled: false}\n",
        _within("with .Values.canary", "if .enabled"),
        {"canary": {"enabled": True}},
    ),
    "range": (
        "apps:\n  web: {canary: false}\n",
        _within("range $name, $app := .Values.apps", "if $app.canary"),
        {"apps": {"web": {"canary": True}}},
    ),
    "range over a list": (
        "apps:\n- name: web\n  canary: false\n",
        _within("range .Values.apps", "if .canary"),
        {"apps": [{"name": "web", "canary": True}]},
    ),
    "variable": (OFF, "{{- $on := .Values.canary.enabled }}\n" + _within("if $on"), {"canary": {"enabled": True}}),
    "variable set in a branch": (
        OFF,
        "{{- $on := false }}\n{{- if .Values.canary.enabled }}{{- $on = true }}{{- end }}\n" + _within("if $on"),
        {"canary": {"enabled": True}},
    ),
    "default": ("canary: {}\n", _within("if .Values.canary.enabled | default false"), {"canary": {"enabled": True}}),
    "dig": ("canary: {}\n", _within('if dig "canary" "enabled" false .Values.AsMap'), {}),
    "index": (OFF, _within('if index .Values "canary" "enabled"'), {"canary": {"enabled": True}}),
    "absent": ("{}\n", _within("if (.Values.canary).enabled"), {"canary": {"enabled": True}}),
    "number": ("weight: 0\n", _within("if gt (int .Values.weight) 0"), {"weight": 1}),
    "string true": ('on: "false"\n', _within('if eq (.Values.on | toString) "true"'), {"on": True}),
    "capability": (OFF, _within('if .Capabilities.APIVersions.Has "shop.test/v1"', "if .Values.canary.enabled"), {}),
}


@pytest.mark.parametrize("shape", [name for name in SHAPES if name not in {"dig", "capability"}])
def test_the_switch_is_found(shape: str) -> None:
    values, canary, overlay = SHAPES[shape]
    switch = find_switch(engine, in_memory(files(values, canary)), RenderRequest())
    assert switch.on is not None
    assert switch.on.overlay == overlay
    assert not switch.on_by_default


def test_a_capability_is_passed_to_the_chart() -> None:
    values, canary, _ = SHAPES["capability"]
    switch = find_switch(engine, in_memory(files(values, canary)), RenderRequest())
    assert switch.on == SwitchSetting({"canary": {"enabled": True}}, None, ("shop.test/v1",))


@pytest.mark.parametrize("helper", [_HELPER, _PLAIN_HELPER])
def test_a_condition_in_a_helper_is_followed(helper: str) -> None:
    content = files(OFF, _within('if eq (include "web.on" .) "true"'), templates___helpers_tpl=helper)
    switch = find_switch(engine, in_memory(content), RenderRequest())
    assert switch.on == SwitchSetting({"canary": {"enabled": True}})


def test_an_included_canary_is_found_at_its_call() -> None:
    define = '{{- define "web.canary" }}\n{{- if .on }}\n' + CANARY + "{{- end }}\n{{- end }}\n"
    call = '{{- if .Values.flagger }}\n{{- include "web.canary" (dict "on" .Values.canary.enabled) }}\n{{- end }}\n'
    content = files("flagger: false\ncanary: {enabled: false}\n", call, templates___canary_tpl=define)
    switch = find_switch(engine, in_memory(content), RenderRequest())
    assert switch.on == SwitchSetting({"flagger": True, "canary": {"enabled": True}})


def test_a_namespace_is_part_of_the_switch() -> None:
    canary = _within('if has .Release.Namespace (list "live" "stage")', "if .Values.canary.enabled")
    switch = find_switch(engine, in_memory(files(OFF, canary)), RenderRequest(namespace="default"))
    assert switch.on == SwitchSetting({"canary": {"enabled": True}}, "live")


def test_a_subchart_is_switched_below_its_name() -> None:
    content = {
        "Chart.yaml": "apiVersion: v2\nname: umbrella\nversion: 1.0.0\n"
        "dependencies: [{name: web, version: 1.0.0, condition: web.enabled}]\n",
        "values.yaml": "web: {enabled: false}\n",
        **{f"charts/web/{path}": text for path, text in files(OFF, _within("if .Values.canary.enabled")).items()},
    }
    switch = find_switch(engine, in_memory(content, "umbrella"), RenderRequest())
    assert switch.on == SwitchSetting({"web": {"enabled": True, "canary": {"enabled": True}}})


def test_what_turns_a_canary_off_is_found_too() -> None:
    chart = in_memory(files("canary: {enabled: true}\n", _within("if .Values.canary.enabled")))
    switch = find_switch(engine, chart, RenderRequest())
    assert switch.on_by_default
    assert switch.off == SwitchSetting({"canary": {"enabled": False}})


def test_an_unconditional_canary_has_no_switch() -> None:
    switch = find_switch(engine, in_memory(files("{}\n", CANARY)), RenderRequest())
    assert switch.on_by_default
    assert switch.off is None


def test_parts_that_are_off_are_switched_on_too() -> None:
    canary = CANARY.replace(
        "    metrics:\n",
        "    {{- if .Values.canary.loadtest.enabled }}\n    webhooks: []\n    {{- end }}\n    metrics:\n",
    )
    values = "canary:\n  enabled: false\n  skipAnalysis: false\n  loadtest: {enabled: false}\n"
    canary = "{{- if .Values.canary.enabled }}\n" + canary + "{{- end }}\n"
    switch = find_switch(engine, in_memory(files(values, canary)), RenderRequest())
    assert switch.everything is not None
    assert switch.everything.overlay == {"canary": {"enabled": True, "loadtest": {"enabled": True}}}


def test_a_value_without_default_is_distinguished() -> None:
    canary = "{{- if .Values.canary.enabled }}\n" + CANARY.replace(
        "port: 80", "port: {{ .Values.canary.service.port }}"
    )
    switch = find_switch(engine, in_memory(files(OFF, canary + "{{- end }}\n")), RenderRequest())
    assert switch.on is None
    (turn, error), *_ = switch.broken
    assert turn == SwitchSetting({"canary": {"enabled": True}})
    assert error.line is not None


def _wild() -> list[dict[str, Any]]:
    if not (SHARED / "index.json").is_file():
        return []
    return [item for item in json.loads((SHARED / "index.json").read_text()) if item["form"] == "chart"]


@pytest.fixture(scope="session")
def wild_charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (SHARED / "canaries.tar.gz").is_file():
        pytest.skip("the canaries from the wild are not here (../shared/canaries)")
    folder = tmp_path_factory.mktemp("wild")
    with tarfile.open(SHARED / "canaries.tar.gz") as archive:
        archive.extractall(folder, filter="data") if hasattr(tarfile, "data_filter") else archive.extractall(folder)
    return folder


def _file(folder: Path, item: dict[str, Any]) -> Path:
    places = [folder / str(item["file"]), folder / "canaries" / str(item["file"])]
    return next(path for path in places if path.exists())


def test_the_switches_of_real_charts_are_found(wild_charts: Path) -> None:
    missed = []
    reachable = 0
    for item in _wild():
        chart = load_chart(_file(wild_charts, item))
        if chart.library or not _renders(chart, item["overrides"]):
            continue
        reachable += 1
        if find_switch(engine, chart, RenderRequest()).on is None:
            missed.append(item["file"])
    assert reachable > 50
    assert missed == []


def _renders(chart: Chart, overrides: dict[str, Any]) -> bool:
    try:
        return renders_canary(engine.render(chart, RenderRequest().over(overrides)))
    except ChartgenError:
        return False
