"""`--help`, `-V`, `-q`, colors, and lines that fit the terminal."""

from __future__ import annotations

import os
import pty
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from chartgen import __version__
from chartgen.cli.app import app
from chartgen.cli.examples import EXAMPLES
from chartgen.escaping import wrapped
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable

GROUP: Any = get_command(app)
COMMANDS = [name for name, command in GROUP.commands.items() if not hasattr(command, "commands")]
PROGRAM = [sys.executable, "-c", "import sys; sys.argv[0] = 'chartgen'; from chartgen.__main__ import main; main()"]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_examples_that_parse(name: str) -> None:
    assert EXAMPLES[name]
    for example in EXAMPLES[name]:
        program, command, *arguments = shlex.split(example)
        assert (program, command) == ("chartgen", name)
        GROUP.commands[name].make_context(name, arguments).close()
    assert EXAMPLES[name][0] in chartgen(name, "--help").stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_about_release_and_helm_are_groups_of_their_own(name: str) -> None:
    lines = chartgen(name, "--help").stdout.splitlines()
    headings = [line for line in lines if line.endswith(":") and line[0] != " "]
    assert headings[-1] == "Examples:"
    has_values = any("--values" in param.opts for param in GROUP.commands[name].params)
    assert ("Release:" in headings) == has_values
    assert all(len(line) <= 100 for line in lines)


def test_every_command_has_quiet_once() -> None:
    for name in COMMANDS:
        assert chartgen(name, "--help").stdout.count("-q, --quiet") == 1, name


def test_the_version() -> None:
    assert chartgen("-V").stdout == chartgen("--version").stdout == f"chartgen {__version__}\n"


def test_quiet_leaves_results_errors_and_warnings(chart: Callable[[str], Path]) -> None:
    folder = chart("jenkins-x")
    done = chartgen("add-canary", str(folder), "-q")
    assert done.stdout == ""
    assert all(line.startswith("WARNING") for line in done.stderr.splitlines())
    assert "--- a/" in chartgen("remove-canary", str(folder), "-q", "--diff").stdout
    assert chartgen("emit", str(folder / "no"), "-q").stderr.startswith("error: ")
    # The next run in this process prints everything again.
    assert "change values.yaml" in chartgen("add-canary", str(folder), "--step-weight", "20").stdout


def bad(folder: Path) -> Path:
    assert chartgen("add-canary", str(folder)).returncode == 0
    values = folder / "values.yaml"
    values.write_text(values.read_text().replace("stepWeight: 10", "stepWeight: 70"))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "option", "colored"),
    [
        ({}, "auto", False),
        ({"FORCE_COLOR": "1"}, "auto", True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", False),
        ({"NO_COLOR": "1"}, "always", True),
        ({"FORCE_COLOR": "1"}, "never", False),
    ],
)
def test_colors_on_a_pipe(variables: dict[str, str], option: str, colored: bool, chart: Callable[[str], Path]) -> None:
    command = [*PROGRAM, "lint", str(bad(chart("jenkins-x"))), "--select", "step-weight-above-max", "--color", option]
    for _ in ("a run", "its repetition, answered from the cache"):
        done = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, check=False)
        assert ("\x1b[1;31merror[step-weight-above-max]\x1b[0m" in done.stdout) == colored
        assert "\x1b" not in done.stderr


@pytest.mark.slow
def test_findings_wrap_at_the_width_of_the_terminal(chart: Callable[[str], Path], tmp_path: Path) -> None:
    bad(chart("jenkins-x"))
    read, write = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    command = [*PROGRAM, "lint", "jenkins-x", "--select", "step-weight-above-max", "--color", "never"]
    subprocess.run(
        command, cwd=tmp_path, env={**environment, "COLUMNS": "60"}, stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    shown = os.read(read, 10_000).decode().replace("\r\n", "\n")
    message = shown.partition("\n  6")[0]
    assert message.count("\n") >= 2
    assert all(len(line) <= 60 for line in message.splitlines())
    plain = chartgen("lint", str(tmp_path / "jenkins-x"), "--select", "step-weight-above-max").stdout.splitlines()[0]
    assert " ".join(message.split()) in plain


def test_wrapping_keeps_words_and_short_lines() -> None:
    assert wrapped("a b c", None) == "a b c"
    assert wrapped("short\nlonger than ten", 10) == "short\nlonger\n  than ten"
    assert wrapped("/a/very/long/path:1: error", 10) == "/a/very/long/path:1:\n  error"


def test_lint_of_charts_without_a_canary_points_at_add_canary(chart: Callable[[str], Path]) -> None:
    folder = chart("jenkins-x")
    assert chartgen("lint", str(folder)).stderr.endswith(f"help: to add a canary, run chartgen add-canary {folder}\n")
    chart("helm-create")
    assert chartgen("lint", str(folder.parent)).stderr.endswith("run chartgen add-canary CHART\n")
    assert chartgen("add-canary", str(folder)).returncode == 0
    assert "add-canary" not in chartgen("lint", str(folder.parent)).stderr


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_the_man_page_has_every_option_and_no_warning() -> None:
    page = Path(__file__).parents[2] / "docs" / "chartgen.1"
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", "-P-cbou", str(page)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name, command in GROUP.commands.items():
        assert f"chartgen {name}" in done.stdout
        for param in command.params:
            assert all(option in done.stdout for option in param.opts if option.startswith("--")), (name, param.opts)
