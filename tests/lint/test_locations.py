"""A finding is at the line that causes it: in values.yaml, in a -f file, in the template, in a helper."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartgen.helm.request import RenderRequest, ValueSources
from chartgen.helm.select import select_engine
from chartgen.lint.engine import lint_paths
from chartgen.lint.request import LintRequest
from tests.lint.charts import CANARY, files, on_disk

if TYPE_CHECKING:
    from chartgen.lint.finding import Finding

engine = select_engine("embedded")
RULE = "step-weight-above-max"


def _found(
    folder: Path, content: dict[str, str], rule: str = RULE, sources: ValueSources | None = None
) -> list[Finding]:
    on_disk(folder, content)
    base = RenderRequest(sources=sources or ValueSources())
    return list(lint_paths(engine, [folder], LintRequest(base, select=(rule,))).findings)


def _place(folder: Path, finding: Finding) -> str:
    return f"{finding.path.removeprefix(f'{folder.as_posix()}/')}:{finding.line}:{finding.column}"


def _with(weight: str) -> str:
    return CANARY.replace("stepWeight: 10", weight)


def test_a_literal_is_located_in_the_template(tmp_path: Path) -> None:
    (finding,) = _found(tmp_path, files("{}\n", _with("stepWeight: 70")))
    assert _place(tmp_path, finding) == "templates/canary.yaml:15:5"


@pytest.mark.parametrize(
    "expression",
    [
        "stepWeight: {{ .Values.canary.step }}",
        "stepWeight: {{ .Values.canary.step | int }}",
        "stepWeight: {{ .Values.canary.step | default 10 }}",
        "{{- with .Values.canary }}\n    stepWeight: {{ .step }}\n    {{- end }}",
        '{{ toYaml (dict "stepWeight" .Values.canary.step) | nindent 4 }}',
    ],
)
def test_a_value_is_located_in_values_yaml(tmp_path: Path, expression: str) -> None:
    (finding,) = _found(tmp_path, files("other: 70\ncanary:\n  step: 70\n", _with(expression)))
    assert _place(tmp_path, finding) == "values.yaml:3:3"


def test_a_block_passed_through_is_located_in_values_yaml(tmp_path: Path) -> None:
    canary = CANARY[: CANARY.index("    interval")] + "    {{- toYaml .Values.canary.analysis | nindent 4 }}\n"
    values = "canary:\n  analysis:\n    interval: 1m\n    threshold: 5\n    maxWeight: 50\n    stepWeight: 70\n"
    (finding,) = _found(tmp_path, files(values, canary))
    assert _place(tmp_path, finding) == "values.yaml:6:5"


def test_a_default_is_located_in_the_template(tmp_path: Path) -> None:
    (finding,) = _found(tmp_path, files("canary: {}\n", _with("stepWeight: {{ .Values.canary.step | default 70 }}")))
    assert _place(tmp_path, finding) == "templates/canary.yaml:15:5"


def test_the_last_values_file_decides(tmp_path: Path) -> None:
    content = files("canary:\n  step: 10\n", _with("stepWeight: {{ .Values.canary.step }}"))
    for name, step in (("a.yaml", 20), ("b.yaml", 70)):
        (tmp_path / name).write_text(f"# {name}\ncanary: {{step: {step}}}\n", encoding="utf-8")
    given = ValueSources(files=(str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")))
    (finding,) = _found(tmp_path / "web", content, sources=given)
    assert _place(tmp_path, finding) == "b.yaml:2:10"


def test_a_value_of_the_command_line_is_located_in_the_template(tmp_path: Path) -> None:
    content = files("canary:\n  step: 10\n", _with("stepWeight: {{ .Values.canary.step }}"))
    (finding,) = _found(tmp_path, content, sources=ValueSources(set=("canary.step=70",)))
    assert _place(tmp_path, finding) == "templates/canary.yaml:15:5"


def test_a_ci_values_file_is_linted_and_named(tmp_path: Path) -> None:
    content = files("canary:\n  step: 10\n", _with("stepWeight: {{ .Values.canary.step }}"))
    content["ci/steep-values.yaml"] = "canary:\n  step: 70\n"
    (finding,) = _found(tmp_path, content)
    assert _place(tmp_path, finding) == "ci/steep-values.yaml:2:3"
    assert all("ci/steep-values.yaml" in label for label in finding.releases)


def test_a_field_from_a_helper_is_located_in_the_helper(tmp_path: Path) -> None:
    helper = '{{- define "web.steps" }}\nmaxWeight: 50\nstepWeight: 70\n{{- end }}\n'
    canary = _with('{{- include "web.steps" . | nindent 4 }}').replace("    maxWeight: 50\n", "")
    (finding,) = _found(tmp_path, files("{}\n", canary, templates___steps_tpl=helper))
    assert _place(tmp_path, finding) == "templates/_steps.tpl:3:1"


def test_the_right_one_of_two_canaries_is_named(tmp_path: Path) -> None:
    second = CANARY.replace("name: web", "name: api").replace("stepWeight: 10", "stepWeight: 70")
    (finding,) = _found(tmp_path, files("{}\n", f"{CANARY}---\n{second}"))
    assert finding.object is not None
    assert finding.object.name == "api"
    assert finding.line > len(CANARY.splitlines())


def test_a_value_of_a_list_is_located_at_its_item(tmp_path: Path) -> None:
    canary = _with("stepWeights: {{ toYaml .Values.weights | nindent 6 }}").replace("    maxWeight: 50\n", "")
    (finding,) = _found(tmp_path, files("weights:\n- 10\n- 50\n- 20\n", canary), "step-weights-not-ascending")
    assert _place(tmp_path, finding) == "values.yaml:4:3"


def test_a_missing_field_is_located_at_its_parent(tmp_path: Path) -> None:
    canary = CANARY.replace("        thresholdRange: {min: 99}\n", "")
    (finding,) = _found(tmp_path, files("{}\n", canary), "success-rate-without-min")
    assert _place(tmp_path, finding) == "templates/canary.yaml:17:9"


def test_a_subcharts_value_is_located_in_its_own_values(tmp_path: Path) -> None:
    sub = files("canary:\n  step: 70\n", _with("stepWeight: {{ .Values.canary.step }}"))
    content = {
        "Chart.yaml": "apiVersion: v2\nname: umbrella\nversion: 1.0.0\ndependencies: [{name: web, version: 1.0.0}]\n",
        "values.yaml": "web: {}\n",
        **{f"charts/web/{path}": text for path, text in sub.items()},
    }
    (finding,) = _found(tmp_path, content)
    assert _place(tmp_path, finding) == "charts/web/values.yaml:2:3"


def test_a_target_in_another_file_is_located_there(tmp_path: Path) -> None:
    content = files("{}\n", CANARY)
    content["templates/deployment.yaml"] = content["templates/deployment.yaml"].replace(
        "matchLabels: {app: web}", "matchLabels: {tier: web}"
    )
    (finding,) = _found(tmp_path, content, "selector-label-missing")
    assert _place(tmp_path, finding) == "templates/deployment.yaml:7:5"


def test_crlf_and_bom_do_not_move_a_line(tmp_path: Path) -> None:
    content = files(
        "\ufeffcanary:\r\n  step: 70\r\n", _with("stepWeight: {{ .Values.canary.step }}").replace("\n", "\r\n")
    )
    (finding,) = _found(tmp_path, content)
    assert _place(tmp_path, finding) == "values.yaml:2:3"


def test_helm_names_line_and_column_of_what_it_cannot_evaluate(tmp_path: Path) -> None:
    canary = CANARY.replace("  name: web\n", "  name: über-{{ .Values.canary.name.short }}\n", 1)
    (finding,) = _found(tmp_path, files("canary: {}\n", canary), "chart-does-not-render")
    assert _place(tmp_path, finding) == "templates/canary.yaml:4:24"


def test_an_error_is_located_in_the_helper_not_its_caller(tmp_path: Path) -> None:
    helper = '{{- define "web.step" -}}\n{{ .Values.canary.step.first }}\n{{- end }}\n'
    canary = _with('stepWeight: {{ include "web.step" . }}')
    (finding,) = _found(
        tmp_path, files("canary: {}\n", canary, templates___helpers_tpl=helper), "chart-does-not-render"
    )
    assert _place(tmp_path, finding) == "templates/_helpers.tpl:2:11"


def test_invalid_rendered_yaml_is_located_at_the_line_that_printed_it(tmp_path: Path) -> None:
    canary = CANARY.replace("    threshold: 5\n", "    {{- if true }}\n    threshold: 5: 6\n    {{- end }}\n")
    (finding,) = _found(tmp_path, files("{}\n", canary), "chart-does-not-render")
    assert _place(tmp_path, finding) == "templates/canary.yaml:14:5"


@pytest.mark.parametrize(("value", "host"), [("", "{{ .Values.host }}"), ("''", "'shop.{{ .Values.host }}'")])
def test_a_field_that_an_empty_value_omits_is_located_at_the_value(tmp_path: Path, value: str, host: str) -> None:
    canary = CANARY.replace("    port: 80\n", f"    port: 80\n    hosts:\n      - {host}\n")
    content = files(f"a: ''\nhost: {value}\nb: ''\n", canary)
    found = _found(tmp_path, content, "canary-refused") + _found(tmp_path, content, "hosts-empty-or-placeholder")
    assert {_place(tmp_path, finding) for finding in found} == {"values.yaml:2:1"}


def test_a_null_that_helm_drops_is_located_in_values_yaml(tmp_path: Path) -> None:
    content = files("other: 1\nname:\n", CANARY.replace("  name: web\n", "  name: {{ .Values.name }}\n", 1))
    (finding,) = _found(tmp_path, content, "canary-refused")
    assert _place(tmp_path, finding) == "values.yaml:2:1"


def test_a_field_without_a_value_is_located_in_the_template(tmp_path: Path) -> None:
    content = files("other: ''\n", CANARY.replace("port: 80\n", "port: {{ .Values.port }}\n"))
    (finding,) = _found(tmp_path, content, "canary-refused")
    assert _place(tmp_path, finding) == "templates/canary.yaml:9:5"


def test_a_finding_in_a_packed_subchart_is_at_its_archive_on_disk(tmp_path: Path) -> None:
    subchart = files("{}\n", _with("stepWeight: 70"))
    (tmp_path / "charts").mkdir()
    with tarfile.open(tmp_path / "charts" / "myapp-0.1.0.tgz", "w:gz") as archive:
        for path, text in subchart.items():
            entry = tarfile.TarInfo(f"myapp/{path}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    parent = {"Chart.yaml": "apiVersion: v2\nname: parent\nversion: 0.1.0\n", "values.yaml": "{}\n"}
    (finding,) = _found(tmp_path, parent)
    assert _place(tmp_path, finding) == "charts/myapp-0.1.0.tgz:1:1"
    assert Path(finding.path).is_file()
    assert "(in templates/canary.yaml of the archive)" in finding.message
    assert not finding.exact


def test_a_template_of_another_namespace_is_missed_once_a_run(tmp_path: Path) -> None:
    reference = "        templateRef: {{name: latency, namespace: istio-system}}\n"
    metric = f"      - name: {{0}}\n{reference}        thresholdRange: {{{{max: 1}}}}\n"
    old = "      - name: request-success-rate\n        thresholdRange: {min: 99}\n"
    assert old in CANARY
    canary = CANARY.replace(old, metric.format("a") + metric.format("b"))
    for name in ("one", "two"):
        on_disk(tmp_path / name, files("{}\n", canary))
    request = LintRequest(RenderRequest(), select=("template-ref-not-found",))
    found = lint_paths(engine, [tmp_path / "one", tmp_path / "two"], request).findings
    assert [finding.path.rsplit("/", 3)[1] for finding in found] == ["one"]
