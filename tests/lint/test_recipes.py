"""Lint of common recipes: charts written in their shape, each with all its findings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartgen.helm.select import select_engine
from chartgen.lint.engine import lint_paths
from chartgen.lint.request import LintRequest
from chartgen.reporters.registry import reporter

if TYPE_CHECKING:
    from pytest_snapshot.plugin import Snapshot

RECIPES = Path(__file__).parents[2] / "fixtures" / "recipes"
engine = select_engine("embedded")


@pytest.mark.parametrize("name", sorted(path.name for path in RECIPES.iterdir() if path.is_dir()))
def test_findings(name: str, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(RECIPES)
    result = lint_paths(engine, [Path(name)], LintRequest(no_config=True))
    snapshot.snapshot_dir = Path(__file__).parent / "snapshots"
    snapshot.assert_match(reporter("concise")(result), f"{name}.txt")
