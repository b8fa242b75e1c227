"""What is linted and reported: charts and files, releases, counts; an error in one chart doesn't stop the others."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartgen.canary.options import AddCanaryOptions
from chartgen.canary.planner import plan_canaries
from chartgen.charts.load import load_chart
from chartgen.config.selection import selected
from chartgen.edits.transaction import apply
from chartgen.errors import ConfigError, UsageError
from chartgen.helm.request import RenderRequest, ValueSources
from chartgen.helm.select import select_engine
from chartgen.lint.engine import lint_paths, lint_text
from chartgen.lint.prepare import prepare_chart
from chartgen.lint.request import LintRequest
from chartgen.reporters.text import Sources
from chartgen.rules.rule import Severity
from tests.conftest import CHARTS, HELM_VERSIONS, helm_program
from tests.lint.charts import CANARY, files, on_disk
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.helm.engine import Engine
    from chartgen.lint.finding import LintResult
    from chartgen.lint.prepare import Prepared

engine = select_engine("embedded")
TARGETS = {"two-deployments": "web", "range-names": "front"}
FIXTURES = sorted(path.parent.name for path in CHARTS.glob("*/Chart.yaml"))


def _lint(*paths: Path, request: LintRequest | None = None) -> LintResult:
    return lint_paths(engine, paths, request or LintRequest())


def _reported_rules(result: LintResult) -> set[str]:
    return {finding.rule for finding in result.findings}


@pytest.mark.slow
@pytest.mark.parametrize("name", FIXTURES)
def test_a_chart_fresh_from_add_canary_is_clean(chart: Callable[[str], Path], name: str) -> None:
    path = chart(name)
    target = TARGETS.get(name)
    planned = plan_canaries(engine, load_chart(path), AddCanaryOptions(targets=(target,) if target else ()))
    apply(planned.plan)
    result = _lint(path)
    assert [
        f"{finding.path}:{finding.line} {finding.rule}"
        for finding in result.findings
        if finding.severity is not Severity.INFO
    ] == []
    assert result.with_canary == 1


def test_a_step_above_the_maximum_is_found_in_values_yaml(chart: Callable[[str], Path]) -> None:
    path = chart("helm-create")
    apply(plan_canaries(engine, load_chart(path), AddCanaryOptions()).plan)
    values = path / "values.yaml"
    values.write_text(values.read_text().replace("stepWeight: 10", "stepWeight: 70"))
    errors = [finding for finding in _lint(path).findings if finding.severity is Severity.ERROR]
    assert [(finding.rule, finding.path) for finding in errors] == [("step-weight-above-max", values.as_posix())]
    assert values.read_text().splitlines()[errors[0].line - 1].strip() == "stepWeight: 70"


def test_charts_without_a_canary_are_counted(tmp_path: Path) -> None:
    plain = files("{}\n", CANARY)
    del plain["templates/canary.yaml"]
    on_disk(tmp_path / "plain", plain)
    on_disk(tmp_path / "web", files("{}\n", CANARY))
    result = _lint(tmp_path)
    assert (len(result.charts), result.with_canary) == (2, 1)


def test_an_error_in_one_chart_does_not_stop_the_others(tmp_path: Path) -> None:
    on_disk(tmp_path / "a", {**files("{}\n", CANARY), "templates/x.yaml": "{{ .Values.a.b.c }}\n"})
    on_disk(tmp_path / "b", {"Chart.yaml": "[]\n"})
    on_disk(tmp_path / "c", files("{}\n", CANARY.replace("stepWeight: 10", "stepWeight: 70")))
    result = _lint(tmp_path)
    assert len(result.charts) == 3
    broken = [finding for finding in result.findings if finding.rule == "chart-does-not-render"]
    assert [(Path(finding.path).relative_to(tmp_path).as_posix(), finding.line) for finding in broken] == [
        ("a/templates/x.yaml", 1),
        ("b/Chart.yaml", 1),
    ]
    assert "step-weight-above-max" in _reported_rules(result)


def test_a_path_without_a_chart_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no chart found"):
        _lint(tmp_path)
    with pytest.raises(UsageError, match="file or folder not found"):
        _lint(tmp_path / "nothing")


def test_a_file_inside_a_chart_means_the_chart(tmp_path: Path) -> None:
    on_disk(tmp_path, files("{}\n", CANARY.replace("stepWeight: 10", "stepWeight: 70")))
    result = _lint(tmp_path / "values.yaml", tmp_path / "templates" / "canary.yaml")
    assert len(result.charts) == 1
    assert "step-weight-above-max" in _reported_rules(result)


def test_an_archive_is_linted_like_the_folder(tmp_path: Path) -> None:
    content = files("canary: {step: 70}\n", CANARY.replace("stepWeight: 10", "stepWeight: {{ .Values.canary.step }}"))
    content["ci/low-values.yaml"] = "canary: {step: 0}\n"
    on_disk(tmp_path / "web", content)
    archive = tmp_path / "web-1.0.0.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "web", "web")
    folder, packed = _lint(tmp_path / "web"), _lint(archive)
    assert _reported_rules(folder) == _reported_rules(packed) > {"step-weight-above-max", "step-missing-or-zero"}
    steep = next(finding for finding in packed.findings if finding.rule == "step-weight-above-max")
    assert (steep.path, steep.line) == (f"{archive.as_posix()}!values.yaml", 1)


def test_a_mistake_of_several_releases_is_reported_once_with_all_of_them(tmp_path: Path) -> None:
    content = files("{}\n", CANARY.replace("stepWeight: 10", "stepWeight: 70"))
    content["ci/one-values.yaml"] = "a: 1\n"
    content["templates/other.yaml"] = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Values.a | default 0 }}'}\n"
    )
    result = _lint(on_disk(tmp_path, content), request=LintRequest(select=("step-weight-above-max",)))
    (finding,) = result.findings
    assert len(finding.releases) > 1


def test_the_switch_brings_up_what_breaks_only_then(tmp_path: Path) -> None:
    canary = "{{- if .Values.canary.enabled }}\n" + CANARY.replace(
        "port: 80", "port: {{ .Values.canary.service.port }}"
    )
    path = on_disk(tmp_path, files("canary: {enabled: false}\n", canary + "{{- end }}\n"))
    (finding,) = [finding for finding in _lint(path).findings if finding.severity is not Severity.INFO]
    assert (finding.rule, finding.line) == ("values-defaults-missing", 10)
    assert ".Values.canary.service.port" in finding.message


def test_given_values_replace_the_ci_files(tmp_path: Path) -> None:
    content = files("step: 10\n", CANARY.replace("stepWeight: 10", "stepWeight: {{ .Values.step }}"))
    content["ci/steep-values.yaml"] = "step: 70\n"
    path = on_disk(tmp_path, content)
    assert "step-weight-above-max" in _reported_rules(_lint(path))
    given = LintRequest(RenderRequest(sources=ValueSources(set=("step=20",))))
    assert "step-weight-above-max" not in _reported_rules(_lint(path, request=given))


BROKEN = [
    ("values.yaml", "a: 1\nb:\n\tc: 2\n", "values.yaml", 3, "cannot start any token"),
    ("Chart.yaml", "apiVersion: v2\nname: [\n", "Chart.yaml", 2, "not valid YAML: expected the node content"),
    ("templates/a.yaml", "{{ if .Values.x\n", "templates/a.yaml", 1, "unclosed action"),
    ("templates/a.yaml", "{{ if .Values.x }}\n", "templates/a.yaml", 1, "unexpected EOF"),
]


@pytest.mark.parametrize(("changed", "text", "path", "line", "message"), BROKEN)
@pytest.mark.parametrize(
    "helm", ["embedded", *(pytest.param(version, marks=pytest.mark.slow) for version in HELM_VERSIONS)]
)
def test_a_broken_file_is_reported_at_its_own_line(
    helm: str, changed: str, text: str, path: str, line: int, message: str, tmp_path: Path
) -> None:
    engine = select_engine(helm if helm == "embedded" else str(helm_program(helm)))
    chart = on_disk(tmp_path, {**files("{}\n", CANARY), changed: text})
    (finding,) = lint_paths(engine, [chart], LintRequest()).findings
    assert (finding.rule, finding.path, finding.line) == ("chart-does-not-render", f"{chart}/{path}", line)
    assert message in finding.message
    assert str(chart) not in finding.message
    assert Sources().line(finding.path, finding.line) is not None
    assert finding.exact


def test_the_values_of_a_subchart_are_not_those_of_the_chart(tmp_path: Path) -> None:
    below = {"Chart.yaml": "apiVersion: v2\nname: sub\nversion: 0.1.0\n", "values.yaml": "\ta: 1\n"}
    content = {**files("{}\n", CANARY), **{f"charts/sub/{name}": text for name, text in below.items()}}
    chart = on_disk(tmp_path, content)
    (finding,) = _lint(chart).findings
    assert (finding.path, finding.exact) == (f"{chart}/Chart.yaml", False)


def test_a_values_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = on_disk(tmp_path, files("{}\n", CANARY))
    with pytest.raises(UsageError, match=r"none\.yaml: file not found"):
        _lint(path, request=LintRequest(RenderRequest(sources=ValueSources(files=("none.yaml",)))))


GATED = '{{- if eq .Release.Namespace "live" }}\n' + CANARY + "{{- end }}\n"


def test_a_gated_canary_is_linted_inside_its_gate(tmp_path: Path) -> None:
    path = on_disk(tmp_path, files("{}\n", GATED.replace("stepWeight: 10", "stepWeight: 70")))
    result = _lint(path)
    assert "step-weight-above-max" in _reported_rules(result)
    assert "canary-outside-gated-namespaces" not in _reported_rules(result)


def test_a_gate_that_excludes_a_namespace_does_not_list_allowed_ones(tmp_path: Path) -> None:
    path = on_disk(
        tmp_path, files("{}\n", GATED.replace('eq .Release.Namespace "live"', 'ne .Release.Namespace "dev"'))
    )
    gating = [finding for finding in _lint(path).findings if finding.rule == "canary-outside-gated-namespaces"]
    assert {finding.severity for finding in gating} <= {Severity.INFO}


def test_an_ungated_canary_is_an_info_until_namespaces_are_named(tmp_path: Path) -> None:
    path = on_disk(tmp_path, files("{}\n", CANARY))
    severities = []
    for namespaces in ((), ("live",)):
        request = LintRequest(namespaces=namespaces)
        found = [
            finding
            for finding in _lint(path, request=request).findings
            if finding.rule == "canary-outside-gated-namespaces"
        ]
        severities.append([finding.severity for finding in found])
    assert severities == [[Severity.INFO], [Severity.WARNING]]


def test_manifests_are_linted_without_a_chart(tmp_path: Path) -> None:
    file = tmp_path / "canary.yaml"
    file.write_text("# shop\n---\n" + CANARY.replace("stepWeight: 10", "stepWeight: 70"))
    (finding,) = [finding for finding in _lint(file).findings if finding.rule == "step-weight-above-max"]
    assert (finding.path, finding.line) == (file.as_posix(), 17)
    text = lint_text(engine, file.read_text(), "-", LintRequest())
    assert [(finding.path, finding.line) for finding in text.findings if finding.rule == "step-weight-above-max"] == [
        ("-", 17)
    ]


def test_empty_stdin_is_refused() -> None:
    with pytest.raises(UsageError, match="nothing to lint"):
        lint_text(engine, "\n", "-", LintRequest())


def test_manifests_that_are_no_yaml_are_a_finding() -> None:
    result = lint_text(engine, "apiVersion: flagger.app/v1beta1\nkind: [\n", "-", LintRequest())
    assert [finding.rule for finding in result.findings] == ["chart-does-not-render"]


def test_rules_are_chosen_by_id_and_tag() -> None:
    assert [rule.id for rule in selected(["fractional-number"])] == ["fractional-number"]
    wide = {rule.id for rule in selected(["cluster-wide"])}
    assert {"fractional-number", "ingress-rule-without-http", "skipper-ingress-without-annotations"} <= wide
    assert wide.isdisjoint(rule.id for rule in selected([], ["cluster-wide"]))


def test_a_missing_path_does_not_silence_the_other_charts(tmp_path: Path) -> None:
    good = on_disk(tmp_path / "good", files("{}\n", CANARY.replace("stepWeight: 10", "stepWeight: 70")))
    (tmp_path / "empty").mkdir()
    done = chartgen("lint", str(good), str(tmp_path / "typo"), str(tmp_path / "empty"))
    assert done.returncode == 2
    assert "step-weight-above-max" in done.stdout
    assert f"error: 2 invalid paths:\n  - {tmp_path}/typo: file or folder not found\n" in done.stderr
    fixed = chartgen("lint", "--diff", str(good), str(tmp_path / "typo"))
    assert (fixed.returncode, fixed.stdout) == (2, "")


def test_a_file_of_manifests_is_called_a_file_and_has_no_release(tmp_path: Path) -> None:
    file = tmp_path / "canary.yaml"
    file.write_text(CANARY.replace("stepWeight: 10", "stepWeight: 70"))
    done = chartgen("lint", str(file))
    assert done.stderr.startswith("checked 1 file, 1 with canaries")
    assert "as written" not in done.stdout
    both = chartgen("lint", str(file), str(on_disk(tmp_path / "chart", files("{}\n", CANARY))))
    assert both.stderr.startswith("checked 1 chart and 1 file, 2 with canaries")


def test_a_report_that_cannot_be_written_names_its_option(tmp_path: Path) -> None:
    chart = on_disk(tmp_path / "good", files("{}\n", CANARY))
    done = chartgen("lint", str(chart), "--report", "concise=/proc/x")
    assert done.returncode == 2
    assert "help: choose another path for --report" in done.stderr


def test_an_unknown_rule_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        selected(["step-overshot-max"])
    assert "step-overshoots-max" in str(caught.value.hint)


def test_fingerprints_stay_when_lines_move(tmp_path: Path) -> None:
    content = files("{}\n", CANARY.replace("stepWeight: 10", "stepWeight: 70"))
    before = _lint(on_disk(tmp_path / "web", content)).findings
    content["templates/canary.yaml"] = "{{- /* one line more */}}\n" + content["templates/canary.yaml"]
    after = _lint(on_disk(tmp_path / "web", content)).findings
    assert [finding.fingerprint for finding in before] == [finding.fingerprint for finding in after]
    assert [finding.line for finding in before] != [finding.line for finding in after]


def test_a_namespace_written_into_the_canary_is_where_the_release_belongs(tmp_path: Path) -> None:
    canary = CANARY.replace("  name: web\nspec", "  name: web\n  namespace: live\nspec")
    path = on_disk(tmp_path, files("{}\n", canary))
    assert "target-not-found" not in _reported_rules(_lint(path))
    (finding,) = [
        finding
        for finding in _lint(path, request=LintRequest(namespaces=("stage",))).findings
        if finding.rule == "target-not-found"
    ]
    assert "it is in namespace stage, but the Canary is in live" in finding.message


def test_the_helm_program_finds_the_same(helm_binary: Path, tmp_path: Path) -> None:
    canary = "{{- if .Values.canary.on }}\n" + CANARY.replace("stepWeight: 10", "stepWeight: {{ .Values.canary.step }}")
    path = on_disk(tmp_path, files("canary:\n  on: false\n  step: 70\n", canary + "{{- end }}\n"))
    request = LintRequest(select=("strategy", "helm", "gating"))
    with_program = lint_paths(select_engine(str(helm_binary)), [path], request)
    assert with_program.findings == _lint(path, request=request).findings
    assert "step-weight-above-max" in _reported_rules(with_program)


def test_an_internal_error_in_one_chart_is_a_finding_and_the_others_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = _two_charts(tmp_path)

    def prepared(engine: Engine, path: Path, request: LintRequest, argument: Path | None) -> Prepared:
        if path == bad:
            raise RecursionError("maximum recursion depth exceeded")
        return prepare_chart(engine, path, request, argument)

    monkeypatch.setattr("chartgen.lint.prepare.prepare_chart", prepared)
    result = _lint(tmp_path)
    found = {(finding.rule, finding.path) for finding in result.findings}
    assert ("step-weight-above-max", (good / "templates/canary.yaml").as_posix()) in found
    assert {each for each in found if each[1].startswith(bad.as_posix())} == {("internal-error", bad.as_posix())}
    (error,) = result.errors
    assert error.message.startswith("internal error: RecursionError")


def test_a_chart_with_an_invalid_configuration_does_not_silence_the_others(tmp_path: Path) -> None:
    good, bad = _two_charts(tmp_path)
    (bad / "chartgen.yaml").write_text("select: [no-such-rule]\n")
    result = _lint(tmp_path)
    assert {finding.path for finding in result.findings} >= {(good / "templates/canary.yaml").as_posix()}
    (error,) = result.errors
    assert "no-such-rule" in error.message
    done = chartgen("lint", str(tmp_path))
    assert done.returncode == 2
    assert "step-weight-above-max" in done.stdout
    assert "no-such-rule" in done.stderr
    # Nothing can be checked: the error is all there is to say.
    with pytest.raises(ConfigError):
        _lint(bad)


def _two_charts(folder: Path) -> tuple[Path, Path]:
    """Two charts with a Canary whose first step is above its maximum."""
    for name in ("bad", "good"):
        (folder / name / "templates").mkdir(parents=True)
        (folder / name / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: 1.0.0\n")
        (folder / name / "templates/canary.yaml").write_text(
            "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: web}\nspec:\n"
            "  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  service: {port: 80}\n"
            "  analysis:\n    interval: 1m\n    threshold: 5\n    maxWeight: 50\n    stepWeight: 70\n"
        )
    return folder / "good", folder / "bad"
