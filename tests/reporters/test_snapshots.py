"""Reviewed snapshots of every format, for a chart with an error, a warning, infos and fixes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartgen import __version__
from chartgen.helm.select import select_engine
from chartgen.lint.engine import lint_paths
from chartgen.lint.request import LintRequest
from chartgen.reporters.color import Colors
from chartgen.reporters.registry import FORMATS, reporter
from chartgen.reporters.text import text
from tests.lint.charts import CANARY, files, on_disk

if TYPE_CHECKING:
    from pytest_snapshot.plugin import Snapshot

    from chartgen.lint.finding import LintResult

VALUES = "# 100 %: all of it\ncanary:\n  step: 70\n  interval: 5s  # too often\n"
WRONG = (
    CANARY.replace("stepWeight: 10", "stepWeight: {{ .Values.canary.step }}")
    .replace("interval: 1m\n    threshold", "interval: {{ .Values.canary.interval }}\n    threshold")
    .replace("    targetPort: http\n", "    targetPort: http\n    timout: 5s\n")
)
RULES = ("step-weight-above-max", "interval-below-ten-seconds", "unknown-field-pruned", "no-graceful-shutdown")


@pytest.fixture
def result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LintResult:
    monkeypatch.chdir(tmp_path)
    on_disk(tmp_path / "charts" / "a, b", files(VALUES, WRONG))
    request = LintRequest(select=RULES, no_config=True)
    return lint_paths(select_engine("embedded"), [Path("charts/a, b")], request)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_format(name: str, result: LintResult, snapshot: Snapshot) -> None:
    printed = reporter(name)(result)
    snapshot.snapshot_dir = Path(__file__).parent / "snapshots"
    snapshot.assert_match(_without_versions(name, printed), f"lint.{name}.txt")


def test_text_on_a_terminal(result: LintResult, snapshot: Snapshot) -> None:
    printed = text(result, Colors(on=True))
    snapshot.snapshot_dir = Path(__file__).parent / "snapshots"
    snapshot.assert_match(re.sub(r"file://\S*/chartgen/", "file:///", printed), "lint.terminal.txt")


def _without_versions(name: str, printed: str) -> str:
    """The output without chartgen's version; of SARIF only the rules with results, without their pages."""
    key = {"sarif": "semanticVersion"}.get(name, "version")
    printed = printed.replace(f'"{key}": "{__version__}"', f'"{key}": "…"')
    if name != "sarif":
        return printed
    document = json.loads(printed)
    driver = document["runs"][0]["tool"]["driver"]
    fired = {entry["ruleId"] for entry in document["runs"][0]["results"]}
    driver["rules"] = [rule for rule in driver["rules"] if rule["id"] in fired]
    for rule in driver["rules"]:
        rule["help"] = dict.fromkeys(rule["help"], "…")
    indexes = {rule["id"]: index for index, rule in enumerate(driver["rules"])}
    for entry in document["runs"][0]["results"]:
        entry["ruleIndex"] = indexes[entry["ruleId"]]
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
