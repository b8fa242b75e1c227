"""chartgen as a user runs it, in this process: starting Python and Helm for each test takes most of the time."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest import mock

import typer.main

from chartgen.cli.app import app
from chartgen.cli.guard import guarded
from chartgen.cli.remembered import RememberedRun
from chartgen.helm import embedded
from chartgen.helm.worker_process import WorkerProcess, first_worker
from chartgen.inputs.reads import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.helm.limits import RenderLimits

# What the application calls, made once: making it takes longer than some commands.
COMMAND = typer.main.get_command(app)


@dataclass(frozen=True, slots=True)
class Done:
    """How a run ended."""

    returncode: int
    stdout: str
    stderr: str


def chartgen(*arguments: str, given: str = "") -> Done:
    """Run `chartgen ARGUMENTS` through the same guard as the program; no run may ever show a traceback.

    It uses no cache.
    """
    return _done(lambda: COMMAND(args=list(arguments), prog_name="chartgen"), given)


def cached_lint(*arguments: str) -> Done:
    """Run `chartgen lint ARGUMENTS` with the cache, as the program does."""
    words = ["lint", *arguments]

    def run(remembered: RememberedRun) -> None:
        COMMAND(args=words, prog_name="chartgen", obj=remembered)

    with reading():
        return _done(lambda: sys.exit(RememberedRun(words).answer(run)))


_spare: list[WorkerProcess] = []


@contextlib.contextmanager
def _same_worker() -> Iterator[None]:
    """The run begins with the Helm process of the last one, if that is alive and has the same limits."""
    used: list[WorkerProcess] = []

    def first(limits: RenderLimits) -> WorkerProcess:
        spare = [worker for worker in _spare if worker.is_alive and worker.limits == limits]
        _spare.clear()
        used.append(spare[0] if spare else first_worker(limits))
        return used[-1]

    with mock.patch.object(embedded, "first_worker", first):
        yield
    _spare[:] = used[:1] or _spare


_ALONE = """\
import sys
from chartgen.__main__ import main
modules = sys.argv.pop(1)
sys.argv[0] = "chartgen"
try: main()
finally: print(*sys.modules, file=open(modules, "w"))
"""


def run_alone(*arguments: str) -> tuple[Done, list[str]]:
    """Run `chartgen ARGUMENTS` in a process of its own; also returns the modules that it imports."""
    with tempfile.NamedTemporaryFile(mode="r") as modules:
        command = [sys.executable, "-c", _ALONE, modules.name, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return Done(done.returncode, done.stdout, done.stderr), modules.read().split()


def _done(run: Callable[[], object], given: str = "") -> Done:
    # Text over bytes, as the real streams are: some commands write bytes.
    out, err = _stream(), _stream()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_same_worker())
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(contextlib.redirect_stderr(err))
        stack.enter_context(mock.patch.object(sys, "stdin", io.StringIO(given)))
        code = guarded(run)
    done = Done(code, _written(out), _written(err))
    assert "Traceback" not in done.stderr, done.stderr
    return done


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape", newline="")


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode("utf-8", "surrogateescape")
