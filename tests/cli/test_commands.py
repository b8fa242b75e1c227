"""A mistyped command is answered with the one that was meant, on stderr and with exit code 2."""

from __future__ import annotations

import pytest

from chartgen.cli.app import app
from chartgen.cli.commands import _MEANT
from tests.running import chartgen

NAMES = {command.name for command in app.registered_commands}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lnt", "lint"),
        ("Lint", "lint"),
        ("add", "add-canary"),
        ("addcanary", "add-canary"),
        ("add_canary", "add-canary"),
        ("remove", "remove-canary"),
        ("rm", "remove-canary"),
        ("delete-canary", "remove-canary"),
        ("emitt", "emit"),
        ("ex", "explain"),
        ("validate", "lint"),
        ("fix", "lint --fix"),
        ("help", "--help"),
    ],
)
def test_a_mistyped_command(typed: str, meant: str) -> None:
    done = chartgen(typed, "charts/myapp")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: chartgen has no command '{typed}'\nhelp: did you mean `chartgen {meant}`?\n"


def test_a_word_like_no_command() -> None:
    done = chartgen("xyzzy")
    assert done.returncode == 2
    assert done.stderr.endswith("help: `chartgen --help` lists the commands\n")


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("--verison",), "no such option: --verison", "did you mean --verbose or --version?"),
        (("plan", "x", "--rsp", "3"), "no such option: --rsp", "did you mean --rps or --runs or --set?"),
        (("plan", "x", "--rps", "abc"), "--rps: 'abc' is not a number", "`chartgen plan --help` lists"),
        (("plan", "x", "--max-exposure", "1m"), "--max-exposure: '1m' is not a number", "`chartgen plan --help` lists"),
        (("plan", "x", "--pods", "2.5"), "--pods: '2.5' is not a whole number", "`chartgen plan --help` lists"),
        (("plan", "x", "--output"), "option '--output' requires an argument", "--help` lists"),
        (("plan",), "missing argument 'CHART'", "`chartgen plan --help` lists"),
        (("lint", "x", "--format", "xml"), "--format: 'xml' is not one of 'text', ", "`chartgen lint --help` lists"),
    ],
)
def test_a_wrong_option_is_an_error_with_help(arguments: tuple[str, ...], message: str, hint: str) -> None:
    done = chartgen(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first.startswith(f"error: {message}")
    assert second.startswith("help: ")
    assert hint in second


def test_no_arguments_show_the_help() -> None:
    assert "add-canary" in chartgen().stderr + chartgen().stdout


def test_every_other_word_names_a_command() -> None:
    for meant in _MEANT.values():
        assert meant.startswith("-") or meant.split()[0] in NAMES
