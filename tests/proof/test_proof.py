"""The proof, tested on wrongly changed charts: it finds and reports each broken obligation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartgen.canary.survey import surroundings_of
from chartgen.canary.targets import choose_target
from chartgen.charts.chart import Chart
from chartgen.errors import ChartgenError, ProofError
from chartgen.helm.request import RenderRequest
from chartgen.proof.obligations import CanaryObligations
from chartgen.proof.proof import prove
from chartgen.proof.renderer import Renderer
from chartgen.proof.variations import Variation, in_parts, overlay_of, value_routes, variations
from chartgen.proof.volatile import changed_templates, difference, volatile_lines, without_volatile

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
    """The chart with a correct canary; each test changes one thing."""
    templates = {"deployment": DEPLOYMENT, **others}
    templates["service"] = f"{{{{- if not ({gate}) }}}}\n{service}{{{{- end }}}}\n"
    templates["canary"] = f"{{{{- if {gate} }}}}\n{canary}{{{{- end }}}}\n"
    chart = chart_of(**templates)
    return chart.with_files({"values.yaml": (VALUES + "canary: {enable: true}\n").encode()})


ORIGINAL = chart_of(deployment=DEPLOYMENT, service=SERVICE)
REQUEST = RenderRequest(release_name="blue", namespace="prod")


def surroundings(rendering: Rendering) -> Any:
    try:
        return surroundings_of(rendering, choose_target(rendering, None, "istio"))
    except ChartgenError:
        return None


def obligations(*overlays: dict[str, Any]) -> CanaryObligations:
    requests = [REQUEST, *(REQUEST.over(overlay) for overlay in overlays)]
    return CanaryObligations(
        toggle=("canary", "enable"),
        namespaces=("prod",),
        variations=tuple(Variation(f"number {number}", request) for number, request in enumerate(requests)),
        surroundings=surroundings,
        port_index=0,
        drops_service=True,
        api_version="flagger.app/v1beta1",
        needs_service=False,
    )


def proven(engine: Engine, chart: Chart, original: Chart = ORIGINAL, **fields: Any) -> int:
    return prove(Renderer(engine), original, chart, replace(obligations({"port": 81}, {"name": "other"}), **fields))


def test_a_good_change_is_proven_in_every_case(any_engine: Engine) -> None:
    # Two inside for each of three variations, and one outside.
    assert proven(any_engine, changed()) == 3 * 2 + 1


BROKEN = {
    "something else inside": (
        changed(deployment=DEPLOYMENT + "{{ if " + GATE + " }}\nx: 1\n{{ end }}"),
        "without changing something else: app/templates/deployment.yaml would change (number 0, namespace prod, canary on)",
    ),
    "something else outside": (
        changed(other='{{ if ne .Release.Namespace "prod" }}\nkind: ConfigMap\n{{ end }}'),
        "without changing something else: app/templates/other.yaml would change",
    ),
    "the Service missing outside": (
        changed(service="{{ if false }}" + SERVICE + "{{ end }}"),
        "app/templates/service.yaml would change (number 0, namespace prod, canary off)",
    ),
    "blanks outside": (
        changed(service=SERVICE + '{{ "\\n\\n" }}'),
        "app/templates/service.yaml would change (number 0, namespace prod, canary off)",
    ),
    "a gate that is open in every namespace": (
        changed(gate=".Values.canary.enable"),
        "app/templates/service.yaml, app/templates/canary.yaml would change (number 0, namespace chartgen-elsewhere",
    ),
    "a switch without effect": (
        changed(gate='eq .Release.Namespace "prod"'),
        "app/templates/service.yaml, app/templates/canary.yaml would change (number 0, namespace prod, canary off)",
    ),
    "no Canary": (changed(canary=""), "the chart would render 0 Canaries instead of 1"),
    "two Canaries": (
        changed(more="{{ if " + GATE + " }}\n" + CANARY + "{{ end }}"),
        "the chart would render 2 Canaries instead of 1",
    ),
    "a literal port": (
        changed(canary=CANARY.replace("{{ .Values.port }}", "80")),
        "spec.service.port is 80, but the chart's Service has 81 (number 1",
    ),
    "a literal name": (
        changed(canary=CANARY.replace("name: {{ .Values.name }}}", "name: web}")),
        "spec.targetRef names Deployment web, but the target is Deployment other",
    ),
    "another target port": (
        changed(canary=CANARY.replace("targetPort: http", "targetPort: 8080")),
        "spec.service.targetPort is 8080, but the chart's Service has http",
    ),
    "another apex": (
        changed(canary=CANARY.replace("service: {", "service: {name: front, ")),
        "Flagger would serve the app as front, but the chart's Service is web",
    ),
    "an autoscaler that is not there": (
        changed(
            canary=CANARY.replace(
                "  service:",
                "  autoscalerRef: {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, name: web}\n  service:",
            )
        ),
        "spec.autoscalerRef names web, but the chart doesn't render this autoscaler",
    ),
    "a Canary the API server refuses": (
        changed(canary=CANARY.replace("interval: 1m", "interval: often")),
        "the API server rejects the Canary",
    ),
    "a field the API server drops": (
        changed(canary=CANARY.replace("analysis: {", "analysis: {maxWieght: 1, ")),
        "the API server drops spec.analysis.maxWieght",
    ),
    "a template that fails": (
        changed(canary=CANARY + "x: {{ .Values.a.b.c }}\n"),
        "Helm can't render the chart with the canary",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_obligation_is_found(name: str, engine: Engine) -> None:
    chart, message = BROKEN[name]
    with pytest.raises(ProofError) as caught:
        proven(engine, chart)
    assert message in caught.value.message
    assert str(caught.value.hint).startswith("nothing was written. ")


def test_the_difference_is_shown(engine: Engine) -> None:
    with pytest.raises(ProofError) as caught:
        proven(engine, changed(other="{{ if .Values.canary.enable }}\nkind: Surprise\n{{ end }}"))
    assert "+kind: Surprise" in caught.value.message


def test_what_differs_between_two_renderings_is_ignored(engine: Engine) -> None:
    secret = "kind: Secret\nmetadata: {name: s}\nstringData: {password: {{ randAlphaNum 12 }}}\n"
    original = chart_of(deployment=DEPLOYMENT, service=SERVICE, secret=secret)
    assert proven(engine, changed(secret=secret), original) == 7
    with pytest.raises(ProofError, match="can't add the canary without changing something else"):
        proven(engine, changed(secret=secret.replace("name: s", "name: t")), original)


def test_releases_that_the_original_chart_cannot_render_are_skipped(engine: Engine) -> None:
    fussy = DEPLOYMENT + '{{ if eq .Values.name "other" }}{{ fail "not that" }}{{ end }}'
    original = chart_of(deployment=fussy, service=SERVICE)
    assert proven(engine, changed(deployment=fussy), original) == 2 * 2 + 1


def test_a_chart_that_renders_nowhere_proves_nothing(engine: Engine) -> None:
    broken = DEPLOYMENT + '{{ fail "never" }}'
    with pytest.raises(ProofError, match="can't render the chart for any release"):
        proven(engine, changed(deployment=broken), chart_of(deployment=broken, service=SERVICE))


def test_a_kept_service_must_stay(engine: Engine) -> None:
    with pytest.raises(ProofError, match="can't add the canary without changing something else"):
        proven(engine, changed(), drops_service=False)


def test_lines_that_differ_are_ignored_by_line_number() -> None:
    volatile = volatile_lines("a\nx\nb", "a\ny\nb")
    assert volatile == {1}
    assert (
        without_volatile("a\nx\nb", volatile)
        == without_volatile("a\nz\nb", volatile)
        != without_volatile("a\nx\nc", volatile)
    )
    assert without_volatile("a\nx", frozenset()) == "a\nx"


def test_renderings_with_different_numbers_of_lines_are_ignored_as_a_whole() -> None:
    assert volatile_lines("a\nb", "a") == {0, 1}


def test_a_long_difference_is_cut() -> None:
    diff = difference("\n".join("abcdefgh"), "\n".join("ABCDEFGH"), most=6)
    assert diff.splitlines()[-1] == "… 13 more lines"
    assert len(diff.splitlines()) == 7


def test_changed_templates_are_named() -> None:
    before = "---\n# Source: app/templates/a.yaml\nx: 1\n---\n# Source: app/templates/b.yaml\ny: 1\n"
    after = before.replace("y: 1", "y: 2") + "---\n# Source: app/charts/c/templates/c.yaml\nz: 1\n"
    assert changed_templates(before, after) == ["app/templates/b.yaml", "app/charts/c/templates/c.yaml"]
    assert changed_templates(before, before) == []


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
    labels = [variation.label for variation in found]
    assert len(set(labels)) == len(labels)
    # Switches and empty names change alone, since they can hide what another value does.
    assert labels[1:] == [
        "release a, port=81, name=web-x",
        "release app-blue, live=False",
        "empty=x",
        "release app",
        f"release {max((variation.request.release_name for variation in found), key=len)}",
        "fullnameOverride=full-name",
        "ci/one-values.yaml",
    ]
    assert not any("nameOverride=other" in label or "list" in label or "absent" in label for label in labels)
    assert not any("broken" in label or "other.yaml" in label for label in labels)
    names = {variation.request.release_name for variation in found}
    assert {"a", "blue", "app"} <= names
    assert max(map(len, names)) == 53


def test_changes_that_exclude_each_other_are_compared_one_by_one(engine: Engine) -> None:
    chart = chart_of(x="a: 1\n{{ if and (eq .Values.one 2.0) (eq .Values.two 3.0) }}{{ fail `not both` }}{{ end }}\n")
    chart = chart.with_files({"values.yaml": b"one: 1\ntwo: 2\n"})
    renderer = Renderer(engine)
    found = variations(engine, chart, REQUEST, {"one": 1, "two": 2}, [".Values.one .Values.two"])
    assert [variation.label for variation in found[:2]] == ["release blue", "release a, one=2, two=3"]
    split = in_parts(found, lambda request: renderer.attempt(chart, request) is not None)
    assert [variation.label for variation in split[1:4]] == ["release a, one=2, two=3", "one=2", "two=3"]
    assert in_parts(found, lambda _: True) == found


WITH_REPLICAS = DEPLOYMENT.replace("spec:\n", "spec:\n  replicas: 2\n", 1)
WITHOUT_REPLICAS = WITH_REPLICAS.replace(
    "  replicas: 2\n", f"  {{{{- if not ({GATE}) }}}}\n  replicas: 2\n  {{{{- end }}}}\n"
)


def test_replicas_that_are_left_out_are_the_only_change_of_the_target(engine: Engine) -> None:
    original = chart_of(deployment=WITH_REPLICAS, service=SERVICE)
    assert proven(engine, changed(deployment=WITHOUT_REPLICAS), original, drops_replicas=True) == 3 * 2 + 1
    labelled = WITHOUT_REPLICAS.replace("  replicas: 2\n", "  replicas: 2\n  {{- else }}\n  paused: true\n")
    for text, drops in ((WITHOUT_REPLICAS, False), (WITH_REPLICAS, True), (labelled, True)):
        with pytest.raises(ProofError, match=r"deployment\.yaml would change"):
            proven(engine, changed(deployment=text), original, drops_replicas=drops)
