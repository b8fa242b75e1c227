"""Strange charts, configurations, ignore comments and arguments: every run ends as documented, in every format."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from chartgen.cli import exit_codes
from chartgen.resources import schema
from tests.conftest import LONG_RUN
from tests.hostile.strange import Case, cases
from tests.lint.charts import CANARY, files
from tests.running import Done, chartgen

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

GOOD = files("{}\n", CANARY.replace("stepWeight: 10", "stepWeight: 70"))
CODES = {exit_codes.OK, exit_codes.FOUND, exit_codes.COULD_NOT, exit_codes.INTERRUPTED}
# What a terminal or a CI system would obey, or show in another order.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
COMMAND = re.compile(r"^\s*::[a-z-]+|##\[", re.MULTILINE)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        yield Path(folder)
        os.chdir(before)


@given(case=cases(GOOD))
@settings(
    max_examples=10_000 if LONG_RUN else 25,
    derandomize=not LONG_RUN,
    suppress_health_check=list(HealthCheck),
)
def test_every_run_ends_as_documented(case: Case, place: Path) -> None:
    for entry in place.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    case.write(place)
    stdin = case.files["manifest.yaml"].decode("utf-8", "replace")
    _judge(case, chartgen(*case.arguments, given=stdin))


def _judge(case: Case, done: Done) -> None:
    said = f"{case.arguments} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert done.returncode in CODES, said
    assert "internal error" not in done.stderr, said
    assert not CONTROL.search(done.stderr), said
    assert not COMMAND.search(done.stderr), said
    if case.arguments[:3] == ("lint", "web", "good") and done.stdout and "chartgen.yaml" not in case.files:
        only_format = len(case.arguments) == 5
        assert "step-weight-above-max" in done.stdout or not only_format, said
    _check_output(case.arguments, done.stdout)


def _check_output(arguments: tuple[str, ...], printed: str) -> None:
    if not printed or {"--show-config", "--diff"} & set(arguments):
        return
    form = arguments[arguments.index("--format") + 1] if "--format" in arguments else "text"
    command = arguments[0]
    if command == "add-canary":
        form = "json" if "--format=json" in arguments else "text"
    if (command, form) in _CHECKS:
        _CHECKS[command, form](printed)
    elif "--color=always" not in arguments and (command, form) != ("emit", "yaml"):
        assert not CONTROL.search(printed), printed
        assert not COMMAND.search(
            "\n".join(line for line in printed.split("\n") if form != "github" or not line.startswith("::"))
        )


def _json(text: str) -> Any:
    assert not CONTROL.search(text), text
    return json.loads(text, parse_constant=pytest.fail)


def _lint_json(text: str) -> None:
    jsonschema.validate(_json(text), schema("lint-result-v1.schema.json"))


def _plan_json(text: str) -> None:
    jsonschema.validate(_json(text), schema("plan-result-v1.schema.json"))


def _sarif(text: str) -> None:
    document = _json(text)
    assert document["version"] == "2.1.0"
    for result in document["runs"][0]["results"]:
        assert result["message"]["text"]
        assert result["locations"]


def _gitlab(text: str) -> None:
    found = _json(text)
    assert len({entry["fingerprint"] for entry in found}) == len(found)
    for entry in found:
        assert entry["location"]["path"]
        assert entry["location"]["lines"]["begin"] >= 1


def _junit(text: str) -> None:
    assert not CONTROL.search(text), text
    ET.fromstring(text)


_CHECKS = {
    ("lint", "json"): _lint_json,
    ("lint", "sarif"): _sarif,
    ("lint", "gitlab"): _gitlab,
    ("lint", "junit"): _junit,
    ("plan", "json"): _plan_json,
    ("emit", "json"): lambda text: json.loads(text, parse_constant=pytest.fail),
    ("add-canary", "json"): _json,
}
