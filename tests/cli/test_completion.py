"""Completion as each shell asks for it: by the variables of its protocol, answered by the real program."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from chartgen.cli.completion import _SCENARIOS
from chartgen.planning.scenarios import ScenarioKind
from chartgen.rules.registry import REGISTRY
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def completed(line: str, shell: str = "bash") -> str:
    """What the shell gets for the line, whose last word is being typed."""
    protocol = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }
    environment = {**os.environ, "_CHARTGEN_COMPLETE": f"complete_{shell}", **protocol[shell]}
    program = "import sys; sys.argv[0] = 'chartgen'; from chartgen.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_completes_rules(shell: str) -> None:
    found = completed("chartgen explain step-weight-above", shell)
    assert "step-weight-above-max" in found
    assert "threshold-one" not in found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("chartgen lint --select metri", ["metrics"]),
        ("chartgen lint --ignore step-weight-above", ["step-weight-above-max"]),
        ("chartgen lint --format s", ["sarif"]),
        ("chartgen lint --report ju", ["junit="]),
        ("chartgen plan --scenario f", ["fail@", "flaky:"]),
        ("chartgen plan --format m", ["markdown"]),
        ("chartgen plan --mesh-provider ist", ["istio"]),
        ("chartgen add-canary --provider ng", ["nginx"]),
        ("chartgen add-canary --accept step-weight-above", ["step-weight-above-max"]),
        ("chartgen add-canary nowhere --target ", []),
        ("chartgen schema ", ["values", "config", "lint-result", "plan"]),
    ],
)
def test_an_option_completes_its_values(line: str, offered: list[str]) -> None:
    found = completed(line).split()
    assert [name for name in found if name in offered] == offered
    assert set(found) - set(offered) <= {entry.id for entry in REGISTRY}


@pytest.mark.slow
def test_targets_and_canaries_are_those_of_the_chart(chart: Callable[[str], Path]) -> None:
    folder = chart("two-deployments")
    targets = completed(f"chartgen add-canary {folder} --target ").split()
    assert targets == ["release-name-web", "release-name-worker"]
    assert chartgen("add-canary", str(folder), "--target", targets[0]).returncode == 0
    (canary,) = completed(f"chartgen plan {folder} --canary ").split()
    assert chartgen("plan", str(folder), "--canary", canary).returncode == 0


def test_the_scenarios_are_those_of_plan() -> None:
    assert sorted(text.rstrip("@:") for text in _SCENARIOS) == sorted(kind.value for kind in ScenarioKind)
