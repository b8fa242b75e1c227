"""Adopting the linter in a repository that is not clean: ignores, a baseline, a configuration."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.cli.app import app
from chartgen.cli.guard import guarded
from chartgen.config.config import Config
from chartgen.config.nearest import find_config
from chartgen.config.reading import read_config
from chartgen.errors import UsageError
from chartgen.helm.select import select_engine
from chartgen.lint.engine import lint_paths
from chartgen.lint.finding import Finding
from chartgen.lint.request import LintRequest
from chartgen.lint.suppress import without_ignored
from chartgen.resources import schema
from chartgen.rules.rule import Severity
from tests.lint.charts import CANARY, files, on_disk

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.lint.finding import LintResult

engine = select_engine("embedded")
RULE = "step-weight-above-max"
STEEP = CANARY.replace("stepWeight: 10", "stepWeight: 70")


def _lint(path: Path, **changes: Any) -> LintResult:
    return lint_paths(engine, [path], LintRequest(**changes))


def _rules(result: LintResult) -> set[str]:
    return {finding.rule for finding in result.findings}


def _finding(line: int, path: str = "values.yaml", rule: str = RULE) -> Finding:
    return Finding(rule, Severity.ERROR, "too steep", path, line, 1, line, 2, "web")


TODAY = date(2026, 6, 1)
RAN = frozenset({RULE, "threshold-one"})


@pytest.mark.parametrize(
    "text",
    [
        f"stepWeight: 70 # chartgen: ignore[{RULE}]\n",
        f"# chartgen: ignore[{RULE}]\nstepWeight: 70\n",
        f"# chartgen: ignore[threshold-one, {RULE}] until 2026-06-01 -- a demo\nstepWeight: 70\n",
        f"{{{{/* chartgen: ignore[{RULE}] -- a demo */}}}}\nstepWeight: 70\n",
        f"stepWeight: 70\n# chartgen: ignore-file[{RULE}]\n",
    ],
)
def test_an_ignore_applies_to_its_line_and_the_next(text: str) -> None:
    line = text.splitlines().index(next(row for row in text.splitlines() if row.startswith("stepWeight"))) + 1
    filtered = without_ignored([_finding(line)], {"values.yaml": text}, RAN, TODAY)
    assert (filtered.findings, filtered.suppressed) == ((), 1)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (f"# chartgen: ignore[{RULE}] until 2026-05-31\nstepWeight: 70\n", "expired on 2026-05-31"),
        (
            f"# chartgen: ignore[{RULE}] until 2026-02-30\nstepWeight: 70\n",
            "'2026-02-30' in an ignore comment is not a date",
        ),
        (f"# chartgen: ignore[{RULE}] until 20260601 -- x\nstepWeight: 70\n", "'20260601' in an ignore comment is not"),
        (f"# chartgen: ignore[{RULE}] until Christmas\nstepWeight: 70\n", "not a date; write YYYY-MM-DD"),
        ("# chartgen: ignore[step-weight-abov-max]\nstepWeight: 70\n", "did you mean step-weight-above-max"),
        (
            "# chartgen: ignore[nonsense]\nstepWeight: 70\n",
            "values.yaml:1: unknown rule 'nonsense' in an ignore comment",
        ),
        ("# chartgen: ignore\nstepWeight: 70\n", "the ignore comment names no rule"),
        ("# chartgen: ignore-file[] -- a demo\nstepWeight: 70\n", "the ignore comment names no rule"),
        (f"# chartgen: ignore[{RULE}]\n\nstepWeight: 70\n", "no longer matches a finding"),
        ("stepWeight: 70 # chartgen: ignore[threshold-one]\n", "no longer matches a finding"),
    ],
)
def test_an_ignore_that_does_not_apply_is_reported(text: str, note: str) -> None:
    line = text.splitlines().index(next(row for row in text.splitlines() if row.startswith("stepWeight"))) + 1
    filtered = without_ignored([_finding(line)], {"values.yaml": text}, RAN, TODAY)
    assert len(filtered.findings) == 1
    assert [note in reported for reported in filtered.notes] == [True]


def test_an_ignore_of_a_rule_that_did_not_run_is_not_unused() -> None:
    filtered = without_ignored([], {"values.yaml": "# chartgen: ignore[match-without-iterations]\n"}, RAN, TODAY)
    assert filtered.notes == ()


def test_only_valid_ignores_apply_beside_an_unknown_rule() -> None:
    text = f"stepWeight: 70 # chartgen: ignore[{RULE}, nonsense]\n"
    kept = without_ignored([_finding(1)], {"values.yaml": text}, RAN, TODAY)
    assert kept.findings == ()
    assert ["unknown rule 'nonsense'" in note for note in kept.notes] == [True]


def test_prose_about_ignore_comments_is_not_one() -> None:
    text = "# chartgen: ignored by nobody\n# chartgen: ignore comments hide findings\n"
    assert without_ignored([], {"values.yaml": text}, RAN, TODAY).notes == ()


def test_thousands_of_unknown_rules_are_reported_in_bounded_time() -> None:
    text = "".join(f"# chartgen: ignore[rule-{number}]\n" for number in range(10_000))
    assert len(without_ignored([], {"values.yaml": text}, RAN, TODAY).notes) == 100


@pytest.mark.parametrize(
    ("request_", "noted"),
    [
        (LintRequest(), True),
        (LintRequest(no_config=True), False),
        (LintRequest(select=("policy-placement",)), False),
    ],
)
def test_no_comment_is_called_unused_when_options_leave_out_what_it_is_for(
    tmp_path: Path, request_: LintRequest, noted: bool
) -> None:
    chart = on_disk(tmp_path, files("# chartgen: ignore[policy-placement]\n{}\n", STEEP))
    notes = lint_paths(engine, [chart], request_).notes
    assert any("no longer matches" in note for note in notes) is noted


def test_a_comment_in_a_template_silences_one_finding(tmp_path: Path) -> None:
    content = files("{}\n", STEEP.replace("stepWeight: 70", f"stepWeight: 70 # chartgen: ignore[{RULE}] -- a demo"))
    result = _lint(on_disk(tmp_path, content))
    assert RULE not in _rules(result)
    assert result.suppressed == 1
    assert "revert-on-deletion-missing" not in _rules(result)


def _run(*arguments: object) -> int:
    return guarded(lambda: app([str(argument) for argument in arguments], standalone_mode=True))


def test_a_baseline_lets_only_new_findings_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chart, baseline = on_disk(tmp_path / "web", files("{}\n", STEEP)), tmp_path / "known.json"
    assert _run("lint", chart, "--write-baseline", baseline) == 0
    assert _run("lint", chart, "--baseline", baseline) == 0
    assert "0 errors, 0 warnings" in capsys.readouterr().err
    content = files("{}\n", "# one line more\n" + STEEP.replace("threshold: 5", "threshold: 1"))
    on_disk(tmp_path / "web", content)
    assert _run("lint", chart, "--baseline", baseline, "--format", "concise") == 1
    output = capsys.readouterr()
    assert "threshold-one" in output.out
    assert RULE not in output.out


def test_a_baseline_with_fixed_findings_gets_a_note(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chart, baseline = on_disk(tmp_path / "web", files("{}\n", STEEP)), tmp_path / "known.json"
    _run("lint", chart, "--write-baseline", baseline)
    on_disk(tmp_path / "web", files("{}\n", CANARY))
    assert _run("lint", chart, "--baseline", baseline) == 0
    assert "of its findings no longer occur" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2, "findings": []}', '{"version": 1}'])
def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    chart = on_disk(tmp_path / "web", files("{}\n", CANARY))
    (tmp_path / "known.json").write_text(text)
    assert _run("lint", chart, "--baseline", tmp_path / "known.json") == 2


def _configured(folder: Path, text: str, canary: str = STEEP) -> Path:
    (folder / "chartgen.yaml").write_text(text, encoding="utf-8")
    return on_disk(folder / "charts" / "web", files("{}\n", canary))


@pytest.mark.parametrize(
    "text",
    [
        f"ignore: [{RULE}]\n",
        f"ignore: [{{rule: {RULE}, reason: a demo}}]\n",
        f"ignore: [{{rule: {RULE}, path: 'charts/web/*'}}]\n",
        "ignore: [{rule: strategy, object: 'Canary/w*'}]\n",
        "select: [threshold-one]\n",
    ],
)
def test_a_configuration_leaves_rules_out(tmp_path: Path, text: str) -> None:
    assert RULE not in _rules(_lint(_configured(tmp_path, text)))


@pytest.mark.parametrize(
    "text",
    [
        f"ignore: [{{rule: {RULE}, path: 'charts/other/*'}}]\n",
        f"ignore: [{{rule: {RULE}, object: 'Canary/api'}}]\n",
    ],
)
def test_an_exemption_applies_only_to_its_path_and_object(tmp_path: Path, text: str) -> None:
    assert RULE in _rules(_lint(_configured(tmp_path, text)))


def test_severities_are_set_by_the_configuration(tmp_path: Path) -> None:
    result = _lint(_configured(tmp_path, f"severity: {{{RULE}: info}}\n"))
    assert {finding.severity for finding in result.findings if finding.rule == RULE} == {Severity.INFO}


def test_the_cluster_profile_reaches_the_rules(tmp_path: Path) -> None:
    canary = CANARY.replace(
        "      - name: request-success-rate\n        thresholdRange: {min: 99}",
        "      - name: latency\n        templateRef: {name: latency}\n        thresholdRange: {max: 1}",
    )
    assert "template-ref-not-found" in _rules(_lint(_configured(tmp_path, "{}\n", canary)))
    profile = "cluster: {metric-templates: [latency], scrape-interval: 60s}\n"
    found = _rules(_lint(_configured(tmp_path, profile, canary)))
    assert "template-ref-not-found" not in found
    assert "metric-interval-below-scrape" in found


def test_options_win_over_the_configuration(tmp_path: Path) -> None:
    path = _configured(tmp_path, "select: [threshold-one]\n")
    assert RULE in _rules(_lint(path, select=(RULE,)))
    assert RULE in _rules(_lint(path, no_config=True))


def test_the_search_ends_at_the_repository(tmp_path: Path) -> None:
    (tmp_path / "chartgen.yaml").write_text(f"ignore: [{RULE}]\n")
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert find_config(tmp_path / "repository") == Config()
    assert find_config(tmp_path).ignore == (RULE,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct: []\n", "did you mean select"),
        ("cluster: {scrape: 1m}\n", "did you mean scrape-interval"),
        ("fail-on: fatal\n", "fail-on"),
        ("severity: {a: fatal}\n", "severity.a"),
        ("ignore: [{path: x}]\n", "ignore: the first entry has no `rule`"),
        ("cluster: {scrape-interval: soon}\n", "not a duration"),
        ("[]\n", "not a mapping"),
        ("a: [\n", "chartgen.yaml:1:1: not valid YAML"),
    ],
)
def test_an_invalid_configuration_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "chartgen.yaml").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_config(tmp_path / "chartgen.yaml")
    assert message in caught.value.message


def test_an_unknown_rule_in_a_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown rule"):
        _lint(_configured(tmp_path, "ignore: [no-such-rule]\n"))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="pyproject.toml is read from Python 3.11 on")
def test_pyproject_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[tool.chartgen]\nignore = ["{RULE}"]\n')
    assert find_config(tmp_path).ignore == (RULE,)


def test_fail_on_is_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _configured(tmp_path, "fail-on: never\n")
    monkeypatch.chdir(tmp_path)
    assert _run("lint", path) == 0
    assert _run("lint", path, "--fail-on", "error") == 1
    assert _run("lint", path, "--no-config") == 1


def test_the_schema_of_the_configuration_is_one() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema("chartgen-config.schema.json"))
    Draft202012Validator.check_schema(schema("canary-values.schema.json"))
    Draft202012Validator.check_schema(schema("lint-result-v1.schema.json"))


def test_ignored_findings_are_counted_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _configured(tmp_path, f"ignore: [{{rule: {RULE}, path: '*'}}]\n")
    _run("lint", path, "--format", "json")
    assert json.loads(capsys.readouterr().out)["summary"]["ignored"] == 1
