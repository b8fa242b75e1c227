"""How many processes add-canary starts with a helm program: each costs a tenth of a second or more."""

from __future__ import annotations

import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.conftest import helm_program
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_each_release_is_rendered_by_one_process(tmp_path: Path) -> None:
    folder, helm = tmp_path / "shop", helm_program("4.1")
    runs = counting(tmp_path, helm)
    subprocess.run([helm, "create", str(folder)], check=True, capture_output=True)
    done = chartgen("add-canary", str(folder), "--helm", str(tmp_path / "helm"), "--host", "app.example.com")
    assert done.returncode == 0, done.stderr
    calls = runs.read_text().splitlines()
    assert 20 < len(calls) <= 39, Counter(call.split()[0] for call in calls)


def counting(folder: Path, helm: Path) -> Path:
    """Write the program `helm` into `folder`, which notes each of its calls; returns the file with the notes."""
    notes, program = folder / "calls", folder / "helm"
    program.write_text(f"#!/bin/sh\necho \"$1\" >> '{notes}'\nexec '{helm}' \"$@\"\n")
    program.chmod(0o755)
    return notes
