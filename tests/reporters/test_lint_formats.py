"""Each format of a lint result, checked against what its readers require."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest import mock
from xml.etree import ElementTree as ET

import pytest

from chartgen.errors import UsageError
from chartgen.lint.finding import CheckedChart, Finding, FoundObject, LintResult
from chartgen.lint.proven_fix import Edit, ProvenFix
from chartgen.reporters.color import Colors, colors
from chartgen.reporters.registry import FORMATS, reporter
from chartgen.reporters.summary import fixable_line, summary_line
from chartgen.reporters.text import text
from chartgen.resources import schema
from chartgen.rules.fix import Safety
from chartgen.rules.registry import all_rules
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.cli.choices import ColorChoice

_CHARTS = (CheckedChart("charts/web", "web", has_canary=True, renderings=4),)
CLEAN = LintResult((), _CHARTS)


def _finding(**changes: Any) -> Finding:
    given: dict[str, Any] = {
        "rule": "step-weight-above-max",
        "severity": Severity.ERROR,
        "message": "stepWeight 70 is above maxWeight 50: the first step sends 70 % of the traffic to the new version",
        "path": "charts/web/values.yaml",
        "line": 3,
        "column": 5,
        "end_line": 3,
        "end_column": 15,
        "chart": "web",
        "object": FoundObject("Canary", "web", None),
        "manifest_path": "/spec/analysis/stepWeight",
        "releases": ("namespace live", "namespace live, ci/x-values.yaml"),
        "fingerprint": "0123456789abcdef",
    }
    return Finding(**{**given, **changes})


NASTY = _finding(
    rule="fractional-number",
    message='100 % of "a,b:c"\r\n<&>\x01 is wrong',
    path="charts/a b,c:d/values.yaml",
    tags=("cluster-wide",),
)
PROVEN_FIX = ProvenFix(Safety.SAFE, "write 50", (Edit("charts/web/values.yaml", 3, 17, 3, 19, "50"),))
FIXABLE = LintResult((_finding(fix=PROVEN_FIX), _finding(line=9, end_line=9)), _CHARTS)
MANY = LintResult(tuple(_finding(line=line, end_line=line) for line in range(1, 13)), _CHARTS)
SOME = LintResult((_finding(), NASTY, _finding(severity=Severity.INFO, line=9, end_line=9)), _CHARTS)


@pytest.mark.parametrize("result", [CLEAN, SOME, MANY, FIXABLE], ids=["clean", "some", "many", "fixable"])
def test_json_fits_its_schema(result: LintResult) -> None:
    from jsonschema import Draft202012Validator

    document = json.loads(reporter("json")(result))
    validator = Draft202012Validator(schema("lint-result-v1.schema.json"))
    assert [error.message for error in validator.iter_errors(document)] == []
    assert len(document["findings"]) == len(result.findings)


def test_json_counts_from_one() -> None:
    (first, *_) = json.loads(reporter("json")(SOME))["findings"]
    assert (first["line"], first["column"], first["end_column"]) == (3, 5, 15)
    assert first["object"] == {"kind": "Canary", "name": "web", "namespace": None}


def _run(result: LintResult) -> dict[str, Any]:
    document = json.loads(reporter("sarif")(result))
    assert document["version"] == "2.1.0"
    run: dict[str, Any] = document["runs"][0]
    return run


def test_sarif_has_what_code_scanning_reads() -> None:
    run = _run(SOME)
    driver = run["tool"]["driver"]
    assert driver["name"]
    assert driver["semanticVersion"]
    assert [rule["id"] for rule in driver["rules"]] == [rule.id for rule in all_rules()]
    for rule in driver["rules"]:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert len(rule["properties"]["tags"]) <= 20
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert len(result["locations"]) == 1
        region = result["locations"][0]["physicalLocation"]["region"]
        assert min(region.values()) >= 1
        assert result["partialFingerprints"]["primaryLocationLineHash"]
        assert result["message"]["text"].endswith(".")


def test_a_fix_is_reported_with_its_option() -> None:
    assert "  fix: write 50 (fixable with --fix)\n" in text(FIXABLE)
    assert fixable_line(FIXABLE) == "fixable: 1 with --fix"
    assert fixable_line(SOME) is None
    fixes = [finding["fix"] for finding in json.loads(reporter("json")(FIXABLE))["findings"]]
    assert fixes[1] is None
    assert fixes[0]["edits"][0]["content"] == "50"


def test_sarif_carries_fixes_as_replacements() -> None:
    first, second = _run(FIXABLE)["results"]
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"] == {"uri": "charts/web/values.yaml"}
    region = {"startLine": 3, "startColumn": 17, "endLine": 3, "endColumn": 19}
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": "50"}}]
    assert "fixes" not in second


def test_sarif_results_are_there_when_clean() -> None:
    assert _run(CLEAN)["results"] == []


def test_sarif_paths_are_relative_and_encoded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    absolute = LintResult((_finding(path=f"{tmp_path.as_posix()}/a b/values.yaml"),), _CHARTS)
    location = _run(absolute)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == "a%20b/values.yaml"


def test_github_escapes_messages_and_properties() -> None:
    lines = reporter("github")(SOME).splitlines()
    (nasty,) = [line for line in lines if line.startswith("::error") and "title=fractional-number" in line]
    properties, message = nasty.removeprefix("::error ").split("::", 1)
    assert "file=charts/a b%2Cc%3Ad/values.yaml" in properties
    assert "100 %25 of" in message
    assert "\\x0d%0A" in message
    assert any(line.startswith("::notice file=") for line in lines)


def test_github_counts_what_it_would_drop() -> None:
    lines = reporter("github")(MANY).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert lines[-1] == "::notice::2 more, see the log or the SARIF report"
    assert lines[0].startswith("::group::")


def test_gitlab_has_a_line_and_its_own_fingerprint_each() -> None:
    issues = json.loads(reporter("gitlab")(MANY))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 12
    assert all(issue["location"]["lines"]["begin"] >= 1 for issue in issues)
    severities = {issue["check_name"]: issue["severity"] for issue in json.loads(reporter("gitlab")(SOME))}
    assert severities["fractional-number"] == "blocker"
    assert json.loads(reporter("gitlab")(CLEAN)) == []


def test_junit_is_xml_with_a_case_for_each_finding() -> None:
    root = ET.fromstring(reporter("junit")(SOME))
    assert root.attrib["failures"] == "3"
    cases = list(root.iter("testcase"))
    assert [case.attrib["name"] for case in cases] == [finding.rule for finding in SOME.findings]
    assert "charts/web/values.yaml:3:5" in (cases[0][0].text or "")


def test_junit_of_a_clean_run_has_one_passing_case() -> None:
    root = ET.fromstring(reporter("junit")(CLEAN))
    assert len(list(root.iter("testcase"))) == 1
    assert not list(root.iter("failure"))


def test_concise_is_one_line_each() -> None:
    assert reporter("concise")(LintResult((_finding(),), _CHARTS)) == (
        "charts/web/values.yaml:3:5: error[step-weight-above-max] "
        "stepWeight 70 is above maxWeight 50: the first step sends 70 % of the traffic to the new version\n"
    )


def test_text_shows_the_line_with_a_caret(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("canary:\n  analysis:\n    stepWeight: 70\n")
    shown = text(LintResult((_finding(path=file.as_posix()),), _CHARTS)).splitlines()
    assert shown[1] == "  3 |     stepWeight: 70"
    assert shown[2] == "    |     ^^^^^^^^^^"
    assert shown[3] == "  in Canary web, namespace live and 1 more release"
    assert shown[4] == "  help: chartgen explain step-weight-above-max"


def test_text_has_no_color_by_default() -> None:
    assert "\x1b" not in text(SOME)
    assert "\x1b[1;31m" in text(SOME, Colors(on=True))


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in {"github", "junit", "json", "sarif"}])
def test_a_clean_result_prints_nothing_but_an_envelope(name: str) -> None:
    assert reporter(name)(CLEAN) in {"", "[]\n"}


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        reporter("yaml")
    assert "sarif" in str(caught.value.hint)


def test_the_summary_says_what_was_checked() -> None:
    assert summary_line(SOME) == "checked 1 chart, 1 with canaries: 2 errors, 0 warnings, 1 info"


@pytest.mark.parametrize(
    ("choice", "environment", "is_terminal", "on"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_who_decides_on_colors(choice: ColorChoice, environment: dict[str, str], is_terminal: bool, on: bool) -> None:
    assert colors(choice, environment, is_terminal=is_terminal).on is on


def test_a_finding_links_to_its_rules_page() -> None:
    link = text(SOME, Colors(on=True)).partition("\x1b]8;;")[2].partition("\x1b")[0]
    assert link.startswith("file:///")
    assert link.endswith("/step_weight_above_max.md")
    assert "\x1b" not in text(SOME)


def test_rules_have_links_where_the_site_is_known() -> None:
    page = "https://docs.example.com/rules/strategy/#step-weight-above-max"
    linked = replace(LintResult((_finding(),), _CHARTS), docs_url="https://docs.example.com/")
    (finding,) = json.loads(reporter("json")(linked))["findings"]
    assert finding["url"] == page
    rules = json.loads(reporter("sarif")(linked))["runs"][0]["tool"]["driver"]["rules"]
    assert {rule["id"]: rule["helpUri"] for rule in rules}["step-weight-above-max"] == page
    assert page in text(linked, Colors(on=True))
    assert page not in text(linked, Colors(on=False))


def test_rules_have_no_web_links_where_the_site_is_unknown() -> None:
    with mock.patch("chartgen.rules.address.published", return_value=None):
        assert json.loads(reporter("json")(FIXABLE))["findings"][0]["url"] is None
        rules = json.loads(reporter("sarif")(FIXABLE))["runs"][0]["tool"]["driver"]["rules"]
        assert not any("helpUri" in rule for rule in rules)
        assert "file://" in text(FIXABLE, Colors(on=True))


@pytest.mark.parametrize("name", ["text", "junit"])
def test_each_report_quotes_the_file_of_its_time(name: str, tmp_path: Path) -> None:
    """Also of a file with the size and the times of the one that the last report quoted."""
    path = tmp_path / "values.yaml"
    path.write_text("stepWeight: 70\n")
    status = path.stat()
    finding = _finding(path=str(path), line=1, end_line=1, column=1)
    assert "stepWeight: 70" in reporter(name)(LintResult((finding,), _CHARTS))
    path.write_text("stepWeight: 20\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "stepWeight: 20" in reporter(name)(LintResult((finding,), _CHARTS))
