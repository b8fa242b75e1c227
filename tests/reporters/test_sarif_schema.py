"""SARIF output against the schema that OASIS published (.ci/fetch_sarif_schema.py brings it)."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from chartgen.reporters.registry import reporter
from tests.reporters.test_lint_formats import CLEAN, FIXABLE, MANY, SOME

SCHEMA = Path.home() / ".cache" / "chartgen" / "schemas" / "sarif-schema-2.1.0.json"
# Read before a fixture cleans the environment.
_MUST_BE_THERE = os.environ.get("CI") == "true" and shutil.which("go") is not None


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    if not SCHEMA.exists():
        reason = "the published schema is not there: run `python .ci/fetch_sarif_schema.py` (it needs go)"
        pytest.fail(reason) if _MUST_BE_THERE else pytest.skip(reason)
    document: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("result", [CLEAN, SOME, MANY, FIXABLE], ids=["clean", "some", "many", "fixable"])
def test_it_fits_the_published_schema(result: Any, published: dict[str, Any]) -> None:
    from jsonschema import Draft4Validator, FormatChecker

    document = json.loads(reporter("sarif")(result))
    validator = Draft4Validator(published, format_checker=FormatChecker())
    assert [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(document)] == []


def test_the_schema_is_strict(published: dict[str, Any]) -> None:
    from jsonschema import Draft4Validator

    document = json.loads(reporter("sarif")(SOME))
    document["runs"][0]["results"][0]["color"] = "red"
    assert list(Draft4Validator(published).iter_errors(document))
