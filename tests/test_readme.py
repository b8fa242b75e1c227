"""What the README shows of a terminal is what a terminal shows."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import CHARTS
from tests.running import chartgen

if TYPE_CHECKING:
    import pytest

README = Path(__file__).parents[1] / "README.md"


def test_the_first_console_is_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(CHARTS / "jenkins-x", tmp_path / "charts" / "myapp")
    (shown, *_) = re.findall(r"```console\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    steps = re.split(r"^\$ ", shown, flags=re.MULTILINE)[1:]
    assert len(steps) >= 5
    for step in steps:
        command, *lines = step.rstrip("\n").split("\n")
        output = _said(command)
        expected = [line for line in lines if line.strip() not in {"", "…"}]
        assert [line for line in output if line in expected] == expected, command


def _said(command: str) -> list[str]:
    """All lines of a command, stdout first."""
    name, _, rest = command.partition(" ")
    if name == "chartgen":
        done = chartgen(*rest.split())
        return (done.stdout + done.stderr).splitlines()
    return subprocess.run(command, shell=True, capture_output=True, text=True, check=True).stdout.splitlines()
