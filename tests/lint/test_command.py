"""`chartgen lint` as a command: exit codes, streams, reports, refusals."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from chartgen.cli.app import app
from chartgen.cli.guard import guarded
from chartgen.rules.address import published
from tests.lint.charts import CANARY, files, on_disk

if TYPE_CHECKING:
    from pathlib import Path

WARNS = CANARY.replace("stepWeight: 10", "stepWeight: 20")
FAILS = CANARY.replace("stepWeight: 10", "stepWeight: 70")


def _run(*arguments: object) -> int:
    return guarded(lambda: app([str(argument) for argument in arguments], standalone_mode=True))


def _chart(folder: Path, canary: str) -> Path:
    gated = '{{- if eq .Release.Namespace "live" }}\n' + canary + "{{- end }}\n"
    return on_disk(folder, files("{}\n", gated))


@pytest.mark.parametrize(
    ("canary", "fail_on", "code"),
    [
        (CANARY, "warning", 0),
        (WARNS, "warning", 1),
        (WARNS, "error", 0),
        (WARNS, "info", 1),
        (FAILS, "error", 1),
        (FAILS, "never", 0),
        (CANARY, "info", 1),
    ],
)
def test_the_exit_code_follows_fail_on(tmp_path: Path, canary: str, fail_on: str, code: int) -> None:
    assert _run("lint", _chart(tmp_path, canary), "--fail-on", fail_on) == code


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif", "github", "gitlab", "junit"])
def test_the_exit_code_does_not_depend_on_the_format(tmp_path: Path, form: str) -> None:
    assert _run("lint", _chart(tmp_path, FAILS), "--format", form) == 1


def test_min_severity_hides_and_changes_no_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("lint", _chart(tmp_path, WARNS), "--min-severity", "error", "--format", "concise") == 1
    assert capsys.readouterr().out == ""


def test_findings_go_to_stdout_and_counts_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _run("lint", _chart(tmp_path, FAILS), "--format", "concise")
    output = capsys.readouterr()
    assert "step-weight-above-max" in output.out
    assert "checked" not in output.out
    assert output.err.startswith("checked 1 chart, 1 with canaries: 1 error")


def test_several_reports_come_from_one_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chart = _chart(tmp_path / "web", FAILS)
    reports = [tmp_path / "out" / "lint.json", tmp_path / "out" / "lint.sarif"]
    code = _run("lint", chart, "--report", f"json={reports[0]}", "--report", f"sarif={reports[1]}")
    assert code == 1
    assert json.loads(reports[0].read_text())["summary"]["error"] == 1
    assert len(json.loads(reports[1].read_text())["runs"][0]["results"]) >= 1
    assert "step-weight-above-max" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--format", "yaml"],
        ["--fail-on", "fatal"],
        ["--min-severity", "never"],
        ["--select", "no-such-rule"],
        ["--ignore", "no-such-rule"],
        ["--report", "json"],
        ["--flagger-version", "latest"],
        ["--set-json", "a={"],
        ["--docs-url", "docs.example.com"],
    ],
)
def test_invalid_options_are_refused(tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("lint", _chart(tmp_path, CANARY), *arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "rror: " in output.err
    assert "Traceback" not in output.err


def test_reports_link_to_the_documentation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = "https://docs.example.com/chartgen"
    report = tmp_path / "lint.sarif"
    chart = _chart(tmp_path, FAILS)
    _run("lint", chart, "--format", "json", "--docs-url", site, "--report", f"sarif={report}")
    urls = {finding["url"] for finding in json.loads(capsys.readouterr().out)["findings"]}
    assert f"{site}/rules/strategy/#step-weight-above-max" in urls
    rules = json.loads(report.read_text(encoding="utf-8"))["runs"][0]["tool"]["driver"]["rules"]
    assert all(rule["helpUri"].startswith(f"{site}/rules/") for rule in rules)


def test_explain_prints_the_address_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    address = "https://docs.example.com/chartgen/rules/strategy/#step-weight-above-max"
    site = ["--docs-url", "https://docs.example.com/chartgen/"]
    assert _run("explain", "step-weight-above-max", *site) == 0
    assert capsys.readouterr().out.endswith(f"\n\nThis page: {address}\n")
    assert _run("explain", "step-weight-above-max", *site, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["url"] == address
    assert _run("explain", "step-weight-above-max") == 0
    assert ("This page:" in capsys.readouterr().out) is (published() is not None)
    assert _run("explain", "step-weight-above-max", "--docs-url", "docs.example.com") == 2


def test_a_path_without_a_chart_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("lint", tmp_path) == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_stdin_is_linted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(FAILS))
    assert _run("lint", "-", "--stdin-filename", "live/canary.yaml", "--format", "concise") == 1
    assert "live/canary.yaml:15:5: error[step-weight-above-max]" in capsys.readouterr().out


def test_stdin_is_not_mixed_with_paths(tmp_path: Path) -> None:
    assert _run("lint", "-", tmp_path) == 2


def test_explain_prints_links_to_the_web_only(capsys: pytest.CaptureFixture[str]) -> None:
    for rule, link in (("policy-budget", "mean (docs/plan.md in chartgen's"), ("alert-without-severity", "<https://")):
        assert _run("explain", rule) == 0
        shown = capsys.readouterr().out
        assert "<../" not in shown
        assert link in shown


def test_rules_are_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("rules") == 0
    assert "fractional-number" in capsys.readouterr().out
    assert _run("explain", "fractional-number") == 0
    assert "Why is this bad" in capsys.readouterr().out
    assert _run("explain", "fractional-numbers") == 2
    assert "did you mean fractional-number" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_lists_and_pages_come_in_every_format(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("rules", "--format", form) == 0
    assert _run("explain", "fractional-number", "--format", form) == 0
    assert "fractional-number" in capsys.readouterr().out
    assert _run("explain", "fractional-number", "--format", "html") == 2
