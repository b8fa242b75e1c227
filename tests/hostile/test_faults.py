"""Every command that writes, with each call on the file system failing or killing it in turn.

The chart is the old one or the new one, or `chartgen recover`, or the next run, makes it so. A normal run plays a few
calls of each kind; `CHARTGEN_LONG_RUN=1` plays all, breaks off the recovery as well, and runs the command again.
"""

from __future__ import annotations

import re
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.conftest import CHARTS, LONG_RUN
from tests.forks import forks
from tests.lint.charts import CANARY, files, on_disk
from tests.running import chartgen as chartgen_here

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, str]]
NAMES = ("write", "fsync", "rename", "link", "unlink", "fchmod", "open", "mkdir", "rmdir")
# What a normal run plays of each effect: the call in the middle.
SHORT = {
    "ENOSPC": ("write", "rename"),
    "EIO": ("fsync", "link"),
    "EACCES": ("fchmod", "rename"),
    "SIGKILL": ("write", "rename", "unlink"),
    "SIGTERM": ("rename",),
}
# More than any of the commands makes: the run without a fault.
NEVER = "100000"


def _mistaken(folder: Path) -> Path:
    canary = '{{- if eq .Release.Namespace "live" }}\n' + CANARY + "{{- end }}\n"
    short = canary.replace("interval: 1m\n    threshold", "interval: 5s\n    threshold")
    second = short.replace("name: web", "name: other", 1)
    chart = on_disk(folder, {**files("{}\n", short), "templates/other.yaml": second})
    (chart / "baseline.json").write_text("{}\n")
    return chart


def _with_canary(folder: Path) -> Path:
    shutil.copytree(CHARTS / "jenkins-x", folder)
    assert chartgen_here("add-canary", str(folder)).returncode == 0
    return folder


@dataclass(frozen=True)
class Command:
    """A command that writes, and the chart it writes to."""

    arguments: tuple[str, ...]
    chart: Callable[[Path], object]


COMMANDS = {
    "add-canary": Command(
        ("add-canary", "chart", "--host", "a.example.com"), lambda at: shutil.copytree(CHARTS / "jenkins-x", at)
    ),
    "remove-canary": Command(("remove-canary", "chart"), _with_canary),
    "fix": Command(("lint", "--fix", "chart", "--format", "concise"), _mistaken),
    "baseline": Command(("lint", "chart", "--write-baseline", "chart/baseline.json"), _mistaken),
}


@pytest.fixture(scope="module")
def chartgen() -> Iterator[Run]:
    with forks("tests.hostile.faulted") as run:
        yield run


@dataclass(frozen=True)
class Case:
    """One command, with the chart before and after it, and how often it makes each call."""

    command: Command
    before: dict[str, bytes]
    after: dict[str, bytes]
    counts: Counter[str]


@pytest.fixture(scope="module", params=COMMANDS)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, chartgen: Run) -> Case:
    command = COMMANDS[request.param]
    folder = tmp_path_factory.mktemp("clean")
    command.chart(folder / "chart")
    before = contents(folder)
    code, printed = chartgen(str(folder), "EIO", NEVER, "", *command.arguments)
    assert code in {0, 1}, printed
    after = contents(folder)
    assert before != after
    return Case(command, before, after, Counter(printed.rpartition("calls: ")[2].split()))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _calls(case: Case, effect: str) -> Iterator[tuple[str, int]]:
    """Function name and number of the calls to be hit."""
    for name in NAMES if LONG_RUN else SHORT[effect]:
        count = case.counts[name]
        for at in range(1, count + 1) if LONG_RUN else sorted({(count + 1) // 2} - {0}):
            yield name, at


@pytest.mark.parametrize("effect", SHORT)
def test_old_or_new_whatever_happens(case: Case, effect: str, chartgen: Run, tmp_path: Path) -> None:
    played = 0
    for name, at in _calls(case, effect):
        folder = tmp_path / f"{name}-{at}"
        folder.mkdir()
        case.command.chart(folder / "chart")
        code, printed = chartgen(str(folder), effect, str(at), name, *case.command.arguments)
        _judge(case, folder, (effect, code, printed))
        _judge_after(case, folder, chartgen, name if LONG_RUN and effect == "SIGKILL" else "")
        shutil.rmtree(folder)
        played += 1
    assert played


def _judge_after(case: Case, folder: Path, chartgen: Run, name: str) -> None:
    """The chart is recovered (itself with a fault, then without one), and the command can be run again."""
    if name:
        chartgen(str(folder), "SIGKILL", "1", name, "recover", "chart")
    code, printed = chartgen(str(folder), "EIO", NEVER, "", "recover", "chart")
    assert code == 0, printed
    now = contents(folder)
    assert now in (case.before, case.after), printed
    if name and now == case.before:
        code, printed = chartgen(str(folder), "EIO", NEVER, "", *case.command.arguments)
        assert contents(folder) == case.after, printed


def _judge(case: Case, folder: Path, ended: tuple[str, int, str]) -> None:
    """What holds at once: only a kill may leave a chart half written."""
    effect, code, printed = ended
    assert "Traceback" not in printed
    assert "this is a bug" not in printed
    now = contents(folder)
    if effect == "SIGKILL":
        assert code == -signal.SIGKILL
    elif effect == "SIGTERM":
        assert code == 130, printed
        assert now in (case.before, case.after)
    elif code == 2:
        assert now == case.before, printed
        assert re.search("error: .*\nhelp: ", printed)
    else:
        assert code in {0, 1}
        assert now == case.after, printed
