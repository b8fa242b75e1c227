"""Which files each command touches, and that none calls the network: recorded by strace, held against rules.

Reading: the chart and what lies around it in the working directory, Python with chartgen, the system, and Helm.
Writing: a command that writes, its chart and the state folder; all commands, folders of their own (0700) below TMPDIR.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import CHARTS, LONG_RUN, ROOT, helm_program
from tests.hostile.strace import need_strace, traced
from tests.lint.charts import CANARY, files, on_disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.hostile.strace import Call

pytestmark = pytest.mark.slow

_SYSTEM = tuple(map(Path, ("/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/bin")))
_OUTPUT = re.compile(r"/dev/(null|tty|pts/\d+)|/proc/self/.*|/proc/\d+/.*")


@dataclass(frozen=True)
class Command:
    """A command, the chart it is run on, and whether it may write there."""

    arguments: tuple[str, ...]
    writes: bool
    codes: tuple[int, ...] = (0,)
    chart: Callable[[Path], object] = lambda at: shutil.copytree(CHARTS / "empty-values", at)


def _mistaken(at: Path) -> Path:
    canary = '{{- if eq .Release.Namespace "live" }}\n' + CANARY + "{{- end }}\n"
    return on_disk(at, files("{}\n", canary.replace("interval: 1m\n    threshold", "interval: 5s\n    threshold")))


COMMANDS = {
    "lint": Command(("lint", "chart"), writes=False, codes=(0, 1), chart=_mistaken),
    "lint --fix": Command(("lint", "chart", "--fix"), writes=True, codes=(0, 1), chart=_mistaken),
    "emit": Command(("emit", "chart", "-n", "live"), writes=False, chart=_mistaken),
    "plan": Command(("plan", "chart", "-n", "live"), writes=False, chart=_mistaken),
    "add-canary": Command(("add-canary", "chart"), writes=True),
    "add-canary --check": Command(("add-canary", "chart", "--check"), writes=False, codes=(1,)),
    "recover": Command(("recover", "chart"), writes=False),
}
# These start helm some hundred times, which takes minutes under strace.
_LONG = {("helm", "add-canary"), ("helm", "add-canary --check")}


@dataclass(frozen=True)
class Run:
    """One traced run in folders of its own."""

    base: Path
    code: int
    calls: tuple[Call, ...]

    @property
    def chart(self) -> Path:
        return self.base / "work/chart"

    @property
    def own_folders(self) -> set[Path]:
        """The folders below TMPDIR that the run made for itself alone."""
        mode = re.compile(r", 0700\)")
        made = [Path(call.paths[0]) for call in self.calls if "mkdir" in call.name and mode.search(call.line)]
        return {path for path in made if path.parent == self.base / "temporary"}

    @property
    def probes(self) -> set[Path]:
        """Files in TMPDIR by which Python finds out whether it can write there: new ones, removed at once."""
        made = [Path(call.paths[0]) for call in self.calls if call.writes and "O_EXCL" in call.line]
        return {path for path in made if path.parent == self.base / "temporary"}


@pytest.fixture(params=COMMANDS)
def command(request: pytest.FixtureRequest) -> Command:
    return COMMANDS[request.param]


@pytest.fixture(params=["embedded", "helm"])
def run(request: pytest.FixtureRequest, command: Command, tmp_path: Path) -> Run:
    need_strace()
    if (request.param, " ".join(command.arguments).replace(" chart", "")) in _LONG and not LONG_RUN:
        pytest.skip("takes minutes: CHARTGEN_LONG_RUN=1 plays it")
    helm = "embedded" if request.param == "embedded" else str(helm_program("4.3"))
    for name in ("home", "temporary", "work"):
        (tmp_path / name).mkdir()
    (tmp_path / "secret").write_text("nobody's business\n")
    command.chart(tmp_path / "work/chart")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "temporary"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    more = [] if command.arguments[0] == "recover" else ["--helm", helm]
    program = [sys.executable, "-m", "chartgen", *command.arguments, *more]
    code, calls = traced(program, tmp_path / "work", environment, tmp_path / "log")
    assert code in command.codes
    return Run(tmp_path, code, tuple(calls))


def test_only_allowed_files_are_touched_and_no_network(run: Run, command: Command) -> None:
    assert len(run.calls) > 100, "strace saw next to nothing"
    assert [call.line for call in run.calls if call.is_network and not _is_local(call)] == []
    assert list(_wrongly_written(run, command)) == []
    assert list(_wrongly_read(run)) == []
    assert list((run.base / "temporary").iterdir()) == [], "folders for temporary files are left behind"
    if not command.writes:
        assert list((run.base / "home").rglob("*")) == []


def _is_local(call: Call) -> bool:
    """Sockets of this machine: its name service (who am I), and between chartgen and its own children."""
    return "AF_UNIX" in call.line or "<UNIX" in call.line


def _wrongly_written(run: Run, command: Command) -> Iterator[str]:
    allowed, probes = list(run.own_folders), run.probes
    if command.writes:
        allowed += [run.chart, *_and_parents(run.base / "home/.local/state/chartgen", run.base / "home")]
    for call in run.calls:
        # A file without a name in TMPDIR is gone with the process.
        is_unnamed = "O_TMPFILE" in call.line and Path(call.paths[0]) == run.base / "temporary"
        for path in map(Path, call.paths if call.writes and not is_unnamed else ()):
            if not (_OUTPUT.fullmatch(str(path)) or path in probes or _is_below(path, allowed)):
                yield call.line


def _wrongly_read(run: Run) -> Iterator[str]:
    python = [Path(sys.prefix), Path(sys.base_prefix), ROOT, Path(sys.executable).resolve().parent]
    # Probes on the way to the root (chartgen.yaml, .git) fail, or the test would say which file they found.
    allowed = [*_SYSTEM, *python, run.base / "work", run.base / "home", *run.own_folders, helm_program("4.3").parent]
    folders = {*(run.base / "work").parents, run.base / "temporary"}
    for call in run.calls:
        for path in map(Path, () if call.writes or not call.succeeded else call.paths):
            if not (_is_below(path, allowed) or path in folders):
                yield call.line


def _and_parents(path: Path, end: Path) -> Iterator[Path]:
    while path != end:
        yield path
        path = path.parent


def _is_below(path: Path, folders: list[Path]) -> bool:
    return any(folder == path or folder in path.parents for folder in folders)
