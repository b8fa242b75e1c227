"""migrate: Canaries made by hand become current ones by the fewest edits, and mean what they meant."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

import pytest

from tests.canary.small_charts import small_chart
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

# The recipe of the old Jenkins X page: metrics are a list in the values.
RECIPE = """{{- if eq .Release.Namespace "jx-production" }}
{{- if .Values.canary.enable }}
apiVersion: flagger.app/v1alpha2
kind: Canary
metadata:
  name: shop
spec:
  targetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: shop
  progressDeadlineSeconds: 60
  service:
    port: 8080
{{- if .Values.canary.service.hosts }}
    hosts:
{{ toYaml .Values.canary.service.hosts | indent 4 }}
{{- end }}
  canaryAnalysis:
    interval: {{ .Values.canary.canaryAnalysis.interval }}
    threshold: {{ .Values.canary.canaryAnalysis.threshold }}
    maxWeight: {{ .Values.canary.canaryAnalysis.maxWeight }}
    stepWeight: {{ .Values.canary.canaryAnalysis.stepWeight }}
{{- if .Values.canary.canaryAnalysis.metrics }}
    metrics:
{{ toYaml .Values.canary.canaryAnalysis.metrics | indent 4 }}
{{- end }}
{{- end }}
{{- end }}
"""
RECIPE_VALUES = """canary:
  enable: true
  service:
    hosts:
    - shop.example.com
  canaryAnalysis:
    interval: 60s
    # failed checks before rollback
    threshold: 5
    maxWeight: 50
    stepWeight: 10
    metrics:
    - name: request-success-rate
      # non 5xx responses, percent
      threshold: 99
      interval: 60s
    - name: request-duration
      threshold: 500   # P99
      interval: 60s
"""
# A Jenkins X pack: a value for each threshold, the Gateway in the same file, an autoscaler that is off by default.
PACK = """{{- if .Values.canary.enabled }}
apiVersion: flagger.app/v1alpha3
kind: Canary
metadata:
  name: shop
spec:
  provider: istio
  targetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: shop
  {{- if .Values.hpa.enabled }}
  autoscalerRef:
    apiVersion: autoscaling/v2beta1
    kind: HorizontalPodAutoscaler
    name: shop
  {{- end }}
  service:
    port: 80
  canaryAnalysis:
    interval: 1m
    threshold: 5
    maxWeight: 60
    stepWeight: 20
    metrics:
    - name: request-success-rate
      threshold: {{ .Values.canary.successRate }}
      interval: 1m
    {{- if .Values.canary.latency }}
    - name: request-duration
      threshold: {{ .Values.canary.latency }}
      interval: 1m
    {{- end }}
---
apiVersion: networking.istio.io/v1alpha3
kind: Gateway
metadata:
  name: shop
{{- end }}
"""
HPA = """{{- if .Values.hpa.enabled -}}
apiVersion: autoscaling/v2beta1
kind: HorizontalPodAutoscaler
metadata:
  name: shop
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: shop
  minReplicas: 2
  maxReplicas: 6
  metrics:
  {{- if .Values.hpa.cpu }}
  - type: Resource
    resource:
      name: cpu
      targetAverageUtilization: {{ .Values.hpa.cpu }}
  {{- end }}
  {{- if .Values.hpa.requests }}
  - type: Pods
    pods:
      metricName: http_requests
      targetAverageValue: {{ .Values.hpa.requests }}
  {{- end }}
{{- end }}
"""
PACK_VALUES = """canary:
  enabled: false
  successRate: 99
  latency: 500
hpa:
  enabled: false
  cpu: 80
"""
CURRENT = """apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: shop
spec:
  targetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: shop
  service:
    port: 80
  analysis:
    interval: 1m
    threshold: 5
    stepWeight: 20
    metrics:
    - name: request-success-rate
      thresholdRange:
        min: 99
      interval: 1m
"""


def files_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def migrated(folder: Path, *options: str) -> str:
    """Run migrate, which must succeed and have nothing to do the second time; returns its stderr."""
    done = chartgen("migrate", str(folder), *options)
    assert done.returncode == 0, done.stderr
    again = chartgen("migrate", str(folder), *options)
    assert again.stdout.startswith("nothing to do: the Canary "), again.stdout + again.stderr
    return done.stderr


def refused(folder: Path, *options: str) -> str:
    before = files_of(folder)
    done = chartgen("migrate", str(folder), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert files_of(folder) == before
    return done.stderr


def changed_lines(before: str, after: str) -> list[str]:
    """The removed lines, then the added ones."""
    lines = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    return [f"{sign}{line[2:]}" for sign in "-+" for line in lines if line[0] == sign]


def test_the_old_recipe(tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"values.yaml": RECIPE_VALUES, "templates/canary.yaml": RECIPE})
    message = migrated(folder)
    after = files_of(folder)
    assert changed_lines(RECIPE, after["templates/canary.yaml"]) == [
        "-apiVersion: flagger.app/v1alpha2",
        "-  canaryAnalysis:",
        "+apiVersion: flagger.app/v1beta1",
        "+  analysis:",
    ]
    assert changed_lines(RECIPE_VALUES, after["values.yaml"]) == [
        "-      threshold: 99",
        "-      threshold: 500   # P99",
        "+      thresholdRange:",
        "+        min: 99",
        "+      thresholdRange:",
        "+        max: 500   # P99",
    ]
    assert "they have the same ticks, weights and verdicts" in message
    emitted = json.loads(chartgen("emit", str(folder), "--format", "json").stdout)
    assert emitted["apiVersion"] == "flagger.app/v1beta1"


def test_values_files_of_environments_are_edited_too(tmp_path: Path) -> None:
    production = "canary:\n  canaryAnalysis:\n    metrics:\n    - name: request-success-rate\n      threshold: 95\n"
    files = {"values.yaml": RECIPE_VALUES, "templates/canary.yaml": RECIPE, "values-prod.yaml": production}
    folder = small_chart(tmp_path, files)
    migrated(folder)
    assert (folder / "values-prod.yaml").read_text() == production.replace(
        "      threshold: 95", "      thresholdRange:\n        min: 95"
    )


def test_a_pack_with_an_autoscaler_that_is_off(tmp_path: Path) -> None:
    files = {"values.yaml": PACK_VALUES, "templates/canary.yaml": PACK, "templates/hpa.yaml": HPA}
    folder = small_chart(tmp_path, files)
    migrated(folder)
    after = files_of(folder)
    assert after["values.yaml"] == PACK_VALUES
    assert changed_lines(PACK, after["templates/canary.yaml"]) == [
        "-apiVersion: flagger.app/v1alpha3",
        "-    apiVersion: autoscaling/v2beta1",
        "-  canaryAnalysis:",
        "-      threshold: {{ .Values.canary.successRate }}",
        "-      threshold: {{ .Values.canary.latency }}",
        "+apiVersion: flagger.app/v1beta1",
        "+    apiVersion: autoscaling/v2",
        "+  analysis:",
        "+      thresholdRange:",
        "+        min: {{ .Values.canary.successRate }}",
        "+      thresholdRange:",
        "+        max: {{ .Values.canary.latency }}",
    ]
    assert changed_lines(HPA, after["templates/hpa.yaml"]) == [
        "-apiVersion: autoscaling/v2beta1",
        "-      targetAverageUtilization: {{ .Values.hpa.cpu }}",
        "-      metricName: http_requests",
        "-      targetAverageValue: {{ .Values.hpa.requests }}",
        "+apiVersion: autoscaling/v2",
        "+      target:",
        "+        type: Utilization",
        "+        averageUtilization: {{ .Values.hpa.cpu }}",
        "+      metric:",
        "+        name: http_requests",
        "+      target:",
        "+        type: AverageValue",
        "+        averageValue: {{ .Values.hpa.requests }}",
    ]


def test_former_metric_names_and_bounds_by_metric(tmp_path: Path) -> None:
    former = PACK.replace("request-success-rate", "istio_requests_total")
    former = former.replace("request-duration", "istio_request_duration_seconds_bucket")
    query = "    - name: not found\n      threshold: 5\n      interval: 1m\n      query: sum(errors)\n---\napi"
    former = former.replace("---\napi", query)
    folder = small_chart(tmp_path, {"values.yaml": PACK_VALUES, "templates/canary.yaml": former})
    migrated(folder)
    template = (folder / "templates/canary.yaml").read_text()
    assert "- name: request-success-rate\n      thresholdRange:\n        min: {{ .Values.canary.success" in template
    assert "- name: request-duration\n      thresholdRange:\n        max: {{ .Values.canary.latency }}" in template
    assert "- name: not found\n      thresholdRange:\n        max: 5\n" in template


def test_every_canary_of_a_chart(tmp_path: Path) -> None:
    second = RECIPE.replace("name: shop", "name: shop-two").replace("v1alpha2", "v1alpha3")
    files = {"values.yaml": RECIPE_VALUES, "templates/canary.yaml": RECIPE, "templates/second.yaml": second}
    folder = small_chart(tmp_path, files)
    message = migrated(folder)
    assert "Migrated the Canary shop and shop-two." in message
    assert "v1alpha" not in "".join(files_of(folder).values())


def test_a_current_canary_has_nothing_to_do(tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"templates/canary.yaml": CURRENT})
    done = chartgen("migrate", str(folder), "--check")
    assert done.stdout == "nothing to do: the Canary shop uses current versions, fields and names only\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_a_current_canary_that_is_rejected_is_not_called_fine(tmp_path: Path) -> None:
    broken = CURRENT.replace("    stepWeight: 20\n", "")
    done = chartgen("migrate", str(small_chart(tmp_path, {"templates/canary.yaml": broken})))
    assert done.stdout.startswith("nothing that chartgen can do: see the warnings")
    assert "WARNING: the API server rejects Canary shop: spec.analysis" in done.stderr


def test_a_threshold_beside_a_range_is_removed(tmp_path: Path) -> None:
    both = CURRENT.replace("      interval: 1m\n", "      interval: 1m\n      threshold: 1\n")
    folder = small_chart(tmp_path, {"templates/canary.yaml": both})
    migrated(folder)
    assert (folder / "templates/canary.yaml").read_text() == CURRENT


def test_line_ends_and_comments_stay(tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"values.yaml": RECIPE_VALUES})
    template = ("# ours\n" + RECIPE).replace("\n", "\r\n").encode()
    (folder / "templates/canary.yaml").write_bytes(template)
    migrated(folder)
    expected = template.replace(b"v1alpha2", b"v1beta1").replace(b"  canaryAnalysis:", b"  analysis:")
    assert (folder / "templates/canary.yaml").read_bytes() == expected


def test_a_version_in_the_values_is_edited_there(tmp_path: Path) -> None:
    template = CURRENT.replace("flagger.app/v1beta1", "{{ .Values.api }}").replace("  analysis", "  canaryAnalysis")
    values = "api: flagger.app/v1alpha3 # old\n"
    folder = small_chart(tmp_path, {"values.yaml": values, "templates/canary.yaml": template})
    migrated(folder)
    assert (folder / "values.yaml").read_text() == "api: flagger.app/v1beta1 # old\n"


def test_a_version_built_by_an_expression_is_refused(tmp_path: Path) -> None:
    template = CURRENT.replace("v1beta1", '{{ print "v1" "alpha3" }}').replace("  analysis", "  canaryAnalysis")
    message = refused(small_chart(tmp_path, {"templates/canary.yaml": template}))
    assert message.startswith("error: templates/canary.yaml: Canary shop, apiVersion: ")
    assert "help: nothing was written; edit" in message


def test_a_chart_without_a_canary_is_refused(tmp_path: Path) -> None:
    message = refused(small_chart(tmp_path))
    assert message == f"error: {tmp_path}: the chart has no Canary\nhelp: add one: chartgen add-canary {tmp_path}\n"


def test_a_chart_that_does_not_render_is_refused(tmp_path: Path) -> None:
    template = CURRENT.replace("name: shop", 'name: {{ required "set .Values.name" .Values.name }}', 1)
    folder = small_chart(tmp_path, {"templates/canary.yaml": template.replace("v1beta1", "v1alpha3")})
    assert "set .Values.name" in refused(folder)
    assert chartgen("migrate", str(folder), "--set", "name=shop", "--check").returncode == 1


def test_a_canary_of_add_canary_is_updated_by_it(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    assert chartgen("add-canary", str(folder), "--api-version", "v1alpha2").returncode == 0
    message = refused(folder)
    assert "the Canary was added by chartgen, so add-canary updates it" in message
    assert f"help: chartgen add-canary {folder} --api-version v1beta1\n" in message
    assert chartgen("add-canary", str(folder), "--api-version", "v1beta1").returncode == 0
    assert chartgen("migrate", str(folder)).stdout.startswith("nothing to do")


def test_dry_runs_write_nothing(tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"values.yaml": RECIPE_VALUES, "templates/canary.yaml": RECIPE})
    before = files_of(folder)
    check = chartgen("migrate", str(folder), "--check")
    assert (check.returncode, check.stdout) == (1, "would change templates/canary.yaml\nwould change values.yaml\n")
    assert "+apiVersion: flagger.app/v1beta1" in chartgen("migrate", str(folder), "--diff").stdout
    result = json.loads(chartgen("migrate", str(folder), "--check", "--format", "json").stdout)
    assert (result["written"], result["canaries"]) == (False, ["shop"])
    assert {"kind": "Canary", "name": "shop", "edit": "write thresholdRange.min"} in result["edits"]
    assert result["rollouts"] > 10
    assert files_of(folder) == before


@pytest.mark.slow
def test_real_charts(shared: Path, tmp_path: Path) -> None:
    """Every real chart of an old version; bench/real_charts.py tries all that have a Canary."""
    import tarfile

    with tarfile.open(shared / "canaries/canaries.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    index = json.loads((shared / "canaries/index.json").read_text())
    tried = 0
    for entry in index:
        folder = tmp_path / entry["file"]
        if entry["form"] != "chart" or "flagger.app/v1alpha" not in "".join(
            path.read_text(errors="replace") for path in folder.rglob("*.yaml")
        ):
            continue
        done = chartgen("migrate", str(folder))
        if "Helm fails to render" in done.stderr:
            continue
        assert done.returncode == 0, f"{entry['file']}: {done.stderr}"
        assert "WARNING" not in done.stderr
        tried += 1
    assert tried > 15
