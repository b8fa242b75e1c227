"""`chartgen schema`: each schema accepts what it describes, as the commands really write it, and rejects a mistake."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def errors(name: str, document: Any) -> list[str]:
    """What the printed schema finds wrong with the document."""
    schema = json.loads(chartgen("schema", name).stdout)
    Draft202012Validator.check_schema(schema)
    return [error.message for error in Draft202012Validator(schema).iter_errors(document)]


@pytest.fixture
def folder(chart: Callable[[str], Path]) -> Path:
    """A chart with a canary."""
    copy = chart("jenkins-x")
    assert chartgen("add-canary", str(copy), "--host", "myapp.example.com").returncode == 0
    return copy


def test_the_values_of_a_chart_with_a_canary(folder: Path) -> None:
    values = YAML(typ="safe", pure=True).load((folder / "values.yaml").read_text(encoding="utf-8"))
    assert "namespaces" in values["canary"]
    assert errors("values", values) == []
    values["canary"]["canaryAnalysis"]["stepWeight"] = "10"
    assert errors("values", values) != []


def test_a_configuration() -> None:
    assert errors("config", {"fail-on": "error", "traffic": {"rps": 10}}) == []
    assert errors("config", {"fail-on": "fatal"}) != []


def test_the_results_of_lint_and_plan(folder: Path) -> None:
    for name, command in (("lint-result", "lint"), ("plan", "plan")):
        result = json.loads(chartgen(command, str(folder), "--format", "json").stdout)
        assert errors(name, result) == []
        assert errors(name, {key: value for key, value in result.items() if key != "version"}) != []


def test_a_schema_can_be_written_to_a_file(tmp_path: Path) -> None:
    done = chartgen("schema", "config", "-o", str(tmp_path / "config.json"))
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "config.json").read_text(encoding="utf-8") == chartgen("schema", "config").stdout
