"""`make new-rule` starts a rule that is sound but for what only its author can write."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from chartgen.rules.registry import REGISTRY
from tools.docs import ROOT
from tools.new_rule import families, main, refusal, with_entry

if TYPE_CHECKING:
    from pathlib import Path

REGISTRY_TEXT = (ROOT / "chartgen/rules/registry.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule_id", ["aa-first", "kubernetes-api-removed-too", "step-weight-too-odd", "zz-last"])
def test_the_line_goes_where_the_order_of_ids_wants_it(rule_id: str) -> None:
    changed = with_entry(REGISTRY_TEXT, rule_id, "strategy")
    names: dict[str, object] = {"__package__": "chartgen.rules", "__name__": "chartgen.rules.registry"}
    exec(compile(changed, "registry.py", "exec"), names)
    ids = [entry.id for entry in names["REGISTRY"]]  # type: ignore[attr-defined]
    assert ids == sorted([*(entry.id for entry in REGISTRY), rule_id])


@pytest.mark.parametrize(
    ("rule_id", "family", "reason"),
    [
        ("step-weight-above-max", "strategy", "step-weight-above-max already exists"),
        ("Step-Weight", "strategy", "is not a rule id"),
        ("weight", "strategy", "is not a rule id"),
        ("step--weight", "strategy", "is not a rule id"),
        ("../escaped-it", "strategy", "is not a rule id"),
        ("step-weight-too-odd", "weights", "'weights' is not a family of rules: choose one of alerts, api,"),
        ("step-weight-too-odd", "reading", "'reading' is not a family of rules"),
    ],
)
def test_what_is_refused(rule_id: str, family: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([rule_id, family])
    assert reason in capsys.readouterr().err


def test_a_new_id_is_not_refused() -> None:
    assert [family for family in families() if refusal("step-weight-too-odd", family)] == []


@pytest.mark.slow
def test_the_scaffold_passes_all_but_its_own_examples(tmp_path: Path) -> None:
    for folder in ("chartgen", "schemas", "tests", "tools"):
        ignore = shutil.ignore_patterns("__pycache__", "e2e", "snapshots")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "fixtures" / "admission", tmp_path / "fixtures" / "admission")

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": str(tmp_path)}
        module = [sys.executable, "-m", *command]
        return subprocess.run(module, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    started = run("tools.new_rule", "step-weight-too-odd", "strategy")
    assert started.returncode == 0, started.stderr
    stem = "chartgen/rules/strategy/step_weight_too_odd"
    assert started.stdout.splitlines()[:3] == [f"{stem}.py", f"{stem}.md", "chartgen/rules/registry.py"]
    files = [f"{stem}.py", "chartgen/rules/registry.py"]
    for check in (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]):
        done = run(*check, *files)
        assert done.returncode == 0, done.stdout + done.stderr
    registered = run("pytest", "-q", "tests/rules/test_registry.py")
    assert registered.returncode == 0, registered.stdout
    examples = run("pytest", "-q", "-k", "step-weight-too-odd", "tests/rules/test_examples.py")
    assert "2 failed, 2 passed" in examples.stdout
    assert "AssertionError: replace every TODO" in examples.stdout
    assert "step-weight-too-odd must report the marked lines: see check in" in examples.stdout
