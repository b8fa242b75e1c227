"""Pictures are the same wherever chartgen is run: files of the working directory don't configure matplotlib."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

ASK = (
    "import os; from chartgen.reporters import plan_figure; before = os.getcwd(); mpl = plan_figure._matplotlib()\n"
    "print(mpl.rcParams['axes.facecolor'], mpl.rcParams['text.usetex'], before == os.getcwd())"
)


@pytest.mark.parametrize("variable", ["", "MATPLOTLIBRC"])
def test_matplotlibrc_is_not_obeyed(tmp_path: Path, variable: str) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "matplotlibrc").write_text("axes.facecolor: red\ntext.usetex: True\n")
    environment = {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), **({variable: str(tmp_path)} if variable else {})}
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "white False True\n"
