"""The Helm plugin, installed and run by real Helm."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from chartgen import __version__
from tests.conftest import CHARTS, ROOT, helm_program

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

PLUGIN = ROOT / "helm-plugin"


def helm(version: str, home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Helm with folders of its own below `home`, where it keeps plugins."""
    folders = {
        "HELM_DATA_HOME": str(home / "data"),
        "HELM_PLUGINS": str(home / "data" / "plugins"),
        "HELM_CONFIG_HOME": str(home / "config"),
        "HELM_CACHE_HOME": str(home / "cache"),
    }
    environment = {**os.environ, **folders, "CHARTGEN_PYTHON": sys.executable, "PATH": f"{home}/bin:/usr/bin:/bin"}
    command = [str(helm_program(version)), *arguments]
    return subprocess.run(
        command, cwd=home, env={**environment, **variables}, capture_output=True, text=True, check=False
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a chart; `bin` in it is on PATH."""
    shutil.copytree(CHARTS / "jenkins-x", tmp_path / "myapp")
    (tmp_path / "bin").mkdir()
    return tmp_path


@pytest.mark.parametrize(("version", "folder"), [("3.17", PLUGIN), ("4.1", PLUGIN), ("4.1", PLUGIN / "v1")])
def test_helm_installs_and_runs_it(version: str, folder: Path, home: Path) -> None:
    installed = helm(version, home, "plugin", "install", str(folder))
    assert installed.returncode == 0, installed.stderr
    listed = helm(version, home, "plugin", "list").stdout
    assert ["canary", __version__] in [line.split()[:2] for line in listed.splitlines()]
    added = helm(version, home, "canary", "add", "myapp", "--host", "myapp.example.com")
    assert added.returncode == 0, added.stderr
    assert "create templates/canary.yaml" in added.stdout
    assert helm(version, home, "canary", "lint", "myapp").returncode == 0
    assert "kind: Canary" in helm(version, home, "canary", "emit", "myapp").stdout
    assert "| success |" in helm(version, home, "canary", "plan", "myapp", "--format", "markdown").stdout
    assert "nothing to do" in helm(version, home, "canary", "migrate", "myapp").stdout
    found = helm(version, home, "canary", "lint", "myapp", "--set", "canary.canaryAnalysis.stepWeight=70")
    assert found.returncode == 1
    assert "step-weight-above-max" in found.stdout
    assert helm(version, home, "canary", "remove", "myapp").returncode == 0
    assert not (home / "myapp" / "templates" / "canary.yaml").exists()


def test_helm_3_rejects_the_form_of_helm_4(home: Path) -> None:
    assert "unknown field" in helm("3.17", home, "plugin", "install", str(PLUGIN / "v1")).stderr


def test_without_chartgen_it_says_how_to_install_it(home: Path) -> None:
    assert helm("3.17", home, "plugin", "install", str(PLUGIN)).returncode == 0
    done = helm("3.17", home, "canary", "lint", "myapp", CHARTGEN_PYTHON="/bin/false")
    assert done.returncode == 2
    assert "error: chartgen is not installed\nhelp: pip install 'chartgen[helm]'" in done.stderr


def test_it_prefers_the_program_on_path(home: Path) -> None:
    program = home / "bin" / "chartgen"
    program.write_text('#!/bin/sh\necho "chartgen on PATH: $*"\n')
    program.chmod(0o755)
    assert helm("3.17", home, "plugin", "install", str(PLUGIN)).returncode == 0
    assert helm("3.17", home, "canary", "remove", "x", "--diff").stdout == "chartgen on PATH: remove-canary x --diff\n"


def test_both_forms_have_the_version_of_the_package() -> None:
    for file in (PLUGIN / "plugin.yaml", PLUGIN / "v1" / "plugin.yaml"):
        assert f"\nversion: {__version__}\n" in file.read_text(encoding="utf-8")
