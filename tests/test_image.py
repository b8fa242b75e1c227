"""The Dockerfile: linted, and the steps of its build stage run outside a container."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from chartgen import __version__

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
DOCKERFILE = ROOT / "Dockerfile"


def test_hadolint_finds_nothing() -> None:
    command = [str(Path(sys.executable).parent / "hadolint"), str(DOCKERFILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_it_runs_as_a_user_without_rights() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    assert "\nUSER 65532:65532\n" in text.partition('ENTRYPOINT ["chartgen"]')[0]


def copied() -> list[str]:
    """What the build stage copies from the repository."""
    words = re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)
    return [source for line in words for source in line.split()[:-1]]


def test_all_that_is_copied_is_in_the_context() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    kept = [line.removeprefix("!") for line in lines if line.startswith("!")]
    assert lines[0] == "*"
    for source in copied():
        assert (ROOT / source).exists()
        assert any(fnmatch(source, pattern) for pattern in kept), source


def test_the_build_stage_installs_pinned_packages_that_work(tmp_path: Path) -> None:
    source, target = tmp_path / "src", tmp_path / "opt"
    for name in copied():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    build = DOCKERFILE.read_text(encoding="utf-8").partition("\nFROM ")[2].partition("\nFROM ")[0]
    (script,) = re.findall(r"^RUN ((?:.*\\\n)*.*)$", build, re.MULTILINE)
    assert "--require-hashes" in script
    script = script.replace("/opt/chartgen", str(target)).replace("python -m venv", f"{sys.executable} -m venv")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        ["sh", "-ec", script], cwd=source, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode and "onnection" in done.stderr and not os.environ.get("CI"):
        pytest.skip("no package registry within reach")
    assert done.returncode == 0, done.stderr
    chart = shutil.copytree(ROOT / "fixtures" / "charts" / "jenkins-x", tmp_path / "myapp")
    for command in (["--version"], ["add-canary", str(chart)], ["lint", str(chart)]):
        ran = subprocess.run(
            [str(target / "bin" / "chartgen"), *command, *(["--helm", "embedded"] if command[1:] else [])],
            env={"PATH": "/nowhere", "HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        assert command[1:] or ran.stdout == f"chartgen {__version__}\n"
