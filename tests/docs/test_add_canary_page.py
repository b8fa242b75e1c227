"""docs/add-canary.md shows the change of a chart that `helm create` makes, as add-canary prints it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import helm_program
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "add-canary.md"


def shown() -> str:
    return PAGE.read_text(encoding="utf-8").split("```diff\n", 1)[1].split("```\n", 1)[0]


def changed_lines(diff: str) -> Iterator[tuple[str, str]]:
    """The file and the text of each added or removed line."""
    path = ""
    for line in diff.splitlines():
        if line.startswith("diff --git "):
            path = line.rsplit(" b/", 1)[1]
        elif line.startswith(("+", "-")) and not line.startswith(("+++ ", "--- ")):
            yield path, line


@pytest.mark.slow
@pytest.mark.parametrize("version", ["4.1", "4.3"])
def test_the_page_shows_the_diff_of_a_real_helm_create_chart(version: str, tmp_path: Path) -> None:
    subprocess.run([helm_program(version), "create", "shop"], cwd=tmp_path, check=True, capture_output=True)
    done = chartgen("add-canary", str(tmp_path / "shop"), "--diff")
    assert (done.returncode, done.stdout) == (0, shown()), done.stderr


def test_the_shown_diff_is_under_100_lines_outside_of_values() -> None:
    lines = list(changed_lines(shown()))
    paths = {path for path, _ in lines}
    assert {"templates/canary.yaml", "templates/deployment.yaml", "templates/service.yaml", "values.yaml"} < paths
    outside = [line for path, line in lines if path != "values.yaml"]
    assert 0 < len(outside) < 100
