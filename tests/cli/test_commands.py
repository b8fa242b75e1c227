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


def test_options_before_a_command_are_still_options() -> None:
    assert "No such option" in chartgen("--verison").stderr


def test_every_other_word_names_a_command() -> None:
    for meant in _MEANT.values():
        assert meant.startswith("-") or meant.split()[0] in NAMES
