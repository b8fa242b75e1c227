"""The proof, tried on charts changed wrongly: each broken promise is found, told and stops the writing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartgen.canary.survey import choose_target, look_around
from chartgen.charts.chart import Chart
from chartgen.errors import ChartgenError, ProofError
from chartgen.helm.request import RenderRequest
from chartgen.proof.mask import difference, masked, volatile_lines
from chartgen.proof.promise import Promise
from chartgen.proof.proof import prove
from chartgen.proof.renderer import Renderer
from chartgen.proof.variations import Variation, overlay_of, value_routes, variations

if TYPE_CHECKING:
    from typing import Any

    from chartgen.helm.engine import Engine
    from chartgen.manifests.rendering import Rendering

META = b"apiVersion: v2\nname: app\nversion: 0.1.0\n"
VALUES = "port: 80\nname: web\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Values.name }}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx, ports: [{name: http, containerPort: 8080}]}]}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {{ .Values.name }}
spec:
  selector: {app: web}
  ports: [{name: http, port: {{ .Values.port }}, targetPort: http}]
"""
CANARY = """\
apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: {{ .Values.name }}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ .Values.name }}}
  service: {port: {{ .Values.port }}, targetPort: http, portName: http}
  analysis: {interval: 1m, threshold: 5, maxWeight: 50, stepWeight: 10}
"""
GATE = 'and (eq .Release.Namespace "prod") .Values.canary.enable'


def chart_of(**templates: str) -> Chart:
    files = {f"templates/{name}.yaml": text.encode() for name, text in templates.items()}
    return Chart(Path("app"), "app", {"Chart.yaml": META, "values.yaml": VALUES.encode(), **files})


def changed(service: str = SERVICE, canary: str = CANARY, gate: str = GATE, **others: str) -> Chart:
    """The chart with a canary, as it should be done; each test does one thing otherwise."""
    templates = {"deployment": DEPLOYMENT, **others}
    templates["service"] = f"{{{{- if not ({gate}) }}}}\n{service}{{{{- end }}}}\n"
    templates["canary"] = f"{{{{- if {gate} }}}}\n{canary}{{{{- end }}}}\n"
    chart = chart_of(**templates)
    return chart.with_files({"values.yaml": (VALUES + "canary: {enable: true}\n").encode()})


ORIGINAL = chart_of(deployment=DEPLOYMENT, service=SERVICE)
REQUEST = RenderRequest(release_name="blue", namespace="prod")


def surroundings(rendering: Rendering) -> Any:
    try:
        return look_around(rendering, choose_target(rendering, None))
    except ChartgenError:
        return None


def promise(*overlays: dict[str, Any]) -> Promise:
    requests = [REQUEST, *(REQUEST.over(overlay) for overlay in overlays)]
    return Promise(
        toggle=("canary", "enable"),
        namespaces=("prod",),
        variations=tuple(Variation(f"number {number}", request) for number, request in enumerate(requests)),
        surroundings=surroundings,
        port_index=0,
        drops_service=True,
        api_version="flagger.app/v1beta1",
        needs_service=False,
    )


def proven(engine: Engine, chart: Chart, original: Chart = ORIGINAL, **kept: Any) -> int:
    return prove(Renderer(engine), original, chart, replace(promise({"port": 81}, {"name": "other"}), **kept))


def test_a_good_change_is_proven_in_every_case(any_engine: Engine) -> None:
    # Two inside and one outside for each of three variations, and switched off outside once.
    assert proven(any_engine, changed()) == 3 * 3 + 1


BROKEN = {
    "something else inside": (
        changed(deployment=DEPLOYMENT + "{{ if " + GATE + " }}\nx: 1\n{{ end }}"),
        "only a Canary may come and the Service go",
    ),
    "something else outside": (
        changed(other='{{ if ne .Release.Namespace "prod" }}\nkind: ConfigMap\n{{ end }}'),
        "nothing may change",
    ),
    "the Service gone outside": (changed(service="{{ if false }}" + SERVICE + "{{ end }}"), "nothing may change"),
    "blanks outside": (changed(service=SERVICE + '{{ "\\n\\n" }}'), "nothing may change"),
    "a gate that lets everything through": (changed(gate=".Values.canary.enable"), "nothing may change"),
    "a switch that does nothing": (changed(gate='eq .Release.Namespace "prod"'), "nothing may change"),
    "no Canary": (changed(canary=""), "0 Canaries are rendered"),
    "two Canaries": (changed(more="{{ if " + GATE + " }}\n" + CANARY + "{{ end }}"), "2 Canaries are rendered"),
    "a literal port": (
        changed(canary=CANARY.replace("{{ .Values.port }}", "80")),
        "spec.service.port is 80, the chart's Service has 81 (number 1",
    ),
    "a literal name": (
        changed(canary=CANARY.replace("name: {{ .Values.name }}}", "name: web}")),
        "targetRef names Deployment web, not Deployment other",
    ),
    "another target port": (
        changed(canary=CANARY.replace("targetPort: http", "targetPort: 8080")),
        "spec.service.targetPort is 8080, the chart's Service has http",
    ),
    "another apex": (
        changed(canary=CANARY.replace("service: {", "service: {name: front, ")),
        "Flagger would serve the app as front, the chart's Service is web",
    ),
    "an autoscaler that is not there": (
        changed(
            canary=CANARY.replace(
                "  service:",
                "  autoscalerRef: {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, name: web}\n  service:",
            )
        ),
        "autoscalerRef names web, and the chart renders no such autoscaler",
    ),
    "a Canary the API server refuses": (
        changed(canary=CANARY.replace("interval: 1m", "interval: often")),
        "the API server refuses the Canary",
    ),
    "a field the API server drops": (
        changed(canary=CANARY.replace("analysis: {", "analysis: {maxWieght: 1, ")),
        "the API server drops spec.analysis.maxWieght",
    ),
    "a template that fails": (
        changed(canary=CANARY + "x: {{ .Values.a.b.c }}\n"),
        "the changed chart does not render",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_promise_is_found(name: str, engine: Engine) -> None:
    chart, told = BROKEN[name]
    with pytest.raises(ProofError) as caught:
        proven(engine, chart)
    assert told in caught.value.message


def test_the_difference_is_shown(engine: Engine) -> None:
    with pytest.raises(ProofError) as caught:
        proven(engine, changed(other="{{ if .Values.canary.enable }}\nkind: Surprise\n{{ end }}"))
    assert "+kind: Surprise" in caught.value.message


def test_what_differs_between_two_renderings_is_masked(engine: Engine) -> None:
    secret = "kind: Secret\nmetadata: {name: s}\nstringData: {password: {{ randAlphaNum 12 }}}\n"
    original = chart_of(deployment=DEPLOYMENT, service=SERVICE, secret=secret)
    assert proven(engine, changed(secret=secret), original) == 10
    with pytest.raises(ProofError, match="only a Canary may come"):
        proven(engine, changed(secret=secret.replace("name: s", "name: t")), original)


def test_releases_in_which_the_chart_itself_does_not_render_promise_nothing(engine: Engine) -> None:
    fussy = DEPLOYMENT + '{{ if eq .Values.name "other" }}{{ fail "not that" }}{{ end }}'
    original = chart_of(deployment=fussy, service=SERVICE)
    assert proven(engine, changed(deployment=fussy), original) == 2 * 3 + 1


def test_a_chart_that_renders_nowhere_proves_nothing(engine: Engine) -> None:
    broken = DEPLOYMENT + '{{ fail "never" }}'
    with pytest.raises(ProofError, match="renders in none of the releases"):
        proven(engine, changed(deployment=broken), chart_of(deployment=broken, service=SERVICE))


def test_a_kept_service_must_stay(engine: Engine) -> None:
    with pytest.raises(ProofError, match="only a Canary may come"):
        proven(engine, changed(), drops_service=False)


def test_lines_that_differ_are_masked_by_place() -> None:
    volatile = volatile_lines("a\nx\nb", "a\ny\nb")
    assert volatile == {1}
    assert masked("a\nx\nb", volatile) == masked("a\nz\nb", volatile) != masked("a\nx\nc", volatile)
    assert masked("a\nx", frozenset()) == "a\nx"


def test_renderings_of_unlike_length_are_masked_whole() -> None:
    assert volatile_lines("a\nb", "a") == {0, 1}


def test_a_long_difference_is_cut() -> None:
    told = difference("\n".join("abcdefgh"), "\n".join("ABCDEFGH"), most=6)
    assert told.splitlines()[-1].startswith("… ")
    assert len(told.splitlines()) == 7


def test_the_values_that_texts_read() -> None:
    texts = ["{{ .Values.a.b }}-{{ $.Values.c }}", "if .Values.a.b", ".Valuesx.d .Values"]
    assert value_routes(texts) == [("a", "b"), ("c",)]
    assert overlay_of(("a", "b"), 1) == {"a": {"b": 1}}


def test_releases_to_look_at(engine: Engine) -> None:
    chart = chart_of(x="a: {{ .Values.fullnameOverride }}\n").with_files(
        {"ci/one-values.yaml": b"port: 1\n", "ci/broken-values.yaml": b"a: [\n", "ci/other.yaml": b"port: 2\n"}
    )
    values = {"port": 80, "live": True, "name": "web", "empty": "", "list": [], "map": {"x": 1}}
    texts = [f".Values.{key}" for key in [*values, "absent"]]
    found = variations(engine, chart, REQUEST, values, texts)
    assert found[0].request == REQUEST
    labels = [one.label for one in found]
    assert len(set(labels)) == len(labels)
    assert {
        "fullnameOverride=full-name",
        "port=81",
        "live=False",
        "name=web-x",
        "empty=x",
        "ci/one-values.yaml",
    } <= set(labels)
    assert not any("nameOverride=other" in label or "list" in label or "absent" in label for label in labels)
    assert not any("broken" in label or "other.yaml" in label for label in labels)
    names = {one.request.release_name for one in found}
    assert {"a", "blue", "app"} <= names
    assert max(map(len, names)) == 53
