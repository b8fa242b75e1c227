"""The embedded Helm's process as chartgen manages it: started once, used over pipes, killed at a limit."""

from __future__ import annotations

import contextlib
import math
import os
import re
import select
import signal
import subprocess
import sys
import time
import weakref
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING

from chartgen.errors import HelmError
from chartgen.helm.protocol import ANSWER, OUT_OF_MEMORY, REFUSED, REQUEST, Refused

if TYPE_CHECKING:
    from chartgen.helm.limits import RenderLimits

# The only environment variables that a worker gets: Helm's output or loading may depend on them.
_KEPT_VARIABLES = ("LD_LIBRARY_PATH", "TZ")
# Reading Helm's library (80 MB) from a cold disk takes time.
_START_SECONDS = 60.0
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from chartgen.helm.worker import main; main(*sys.argv[2:])"
_LIBRARIES = ("libhelm_c.so", "libhelm_c.dylib")
_PIPE_BYTES = 1024 * 1024
# Go's messages for a failed allocation.
_NO_MEMORY = (
    "out of memory",
    "cannot allocate memory",
    "failed to create new OS thread",
    "pthread_create failed",
    "stack exceeds",
    "MemoryError",
)
# The signals of a process that uses memory that it didn't get.
_CRASHES = ("SIGSEGV", "SIGBUS", "SIGABRT")


class OutOfTimeError(Exception):
    """The worker didn't answer in time and was killed."""


class OutOfMemoryError(Exception):
    """The worker exceeded the memory limit and was killed.

    `signal` is the name of the signal that ended it, if that alone suggests it and no report says so.
    """

    def __init__(self, signal: str = "") -> None:
        super().__init__(f"its process ended with {signal}" if signal else "it ran out of memory")
        self.signal = signal


class TooLongError(Exception):
    """The answer exceeds the limit; the worker was killed."""


class WorkerDiedError(Exception):
    """The worker died for another reason, given in the message."""


# A worker that started before the options were read, if the program has one.
_early: list[WorkerProcess] = []


_running: weakref.WeakSet[WorkerProcess] = weakref.WeakSet()


def disown_workers() -> None:
    """In a forked process: leave the workers to the parent. Neither their end nor their pipes are ours."""
    for worker in list(_running):
        worker.close.detach()
    _running.clear()
    _early.clear()


def start_early(limits: RenderLimits) -> None:
    """Start a worker now, so that Helm loads while chartgen does; nothing happens if it can't be started."""
    with contextlib.suppress(HelmError, OSError):
        _early.append(WorkerProcess(limits))


def first_worker(limits: RenderLimits) -> WorkerProcess:
    """The worker that started early, if it has these limits, else a new one."""
    while _early:
        worker = _early.pop()
        if worker.limits == limits:
            return worker
        worker.close()
    return WorkerProcess(limits)


class WorkerProcess:
    """One worker process with Helm. Use it from one thread at a time."""

    def __init__(self, limits: RenderLimits) -> None:
        self.limits = limits
        self._version: str | None = None
        # CPU time of the worker up to its latest answer.
        self.cpu_seconds = 0.0
        self._stderr = _memory_file()
        self._process = subprocess.Popen(
            _command(limits),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=_environment(limits),
            bufsize=0,
        )
        self._requests, self._answers = _pipes(self._process)
        self._poll = select.poll()
        self._poll.register(self._answers, select.POLLIN)
        self.close = weakref.finalize(self, _end, self._process, self._stderr)
        _running.add(self)

    @property
    def is_alive(self) -> bool:
        return self.close.alive and self._process.poll() is None

    def version(self) -> str:
        """Helm's version, the worker's first answer; HelmError if its library can't be used."""
        if self._version is None:
            try:
                self._version = self._answer(time.monotonic() + _START_SECONDS).decode().lstrip("v")
            except Refused as error:
                raise self._unusable(str(error)) from error
            except (TimeoutError, EOFError) as error:
                raise self._unusable(str(self._death())) from error
            except BaseException:
                self.close()
                raise
        return self._version

    def ask(self, operation: int, number: int, body: bytes, seconds: float | None) -> bytes:
        """The answer to one request. Raises Refused; after any other exception the worker is dead.

        `seconds` limits the wait; None is no limit.
        """
        self.version()
        end = math.inf if seconds is None else time.monotonic() + seconds
        try:
            _write(self._requests, REQUEST.pack(operation, number, len(body)))
            _write(self._requests, body)
            return self._answer(end)
        except Refused:
            raise
        except TimeoutError as error:
            self.close()
            raise OutOfTimeError from error
        except (BrokenPipeError, EOFError) as error:
            raise self._death() from error
        except BaseException:
            # Including Ctrl-C: a pending answer must not reach a later request.
            self.close()
            raise

    def _answer(self, end: float) -> bytes:
        status, self.cpu_seconds, length = ANSWER.unpack(self._received(ANSWER.size, end))
        if self.limits.answer and length > self.limits.answer:
            raise TooLongError
        body = self._received(length, end)
        if status == OUT_OF_MEMORY:
            raise OutOfMemoryError
        if status == REFUSED:
            raise Refused(body.decode("utf-8", "replace"))
        return body

    def _received(self, length: int, end: float) -> bytes:
        pieces, missing = [], length
        while missing:
            left = end - time.monotonic()
            if left <= 0 or not self._poll.poll(None if math.isinf(left) else math.ceil(left * 1000)):
                raise TimeoutError
            piece = os.read(self._answers, missing)
            if not piece:
                raise EOFError
            pieces.append(piece)
            missing -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _death(self) -> OutOfMemoryError | WorkerDiedError:
        """Why the worker died, as far as its stderr shows."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        self._stderr.seek(0)
        lines = self._stderr.read(65536).decode("utf-8", "replace").splitlines()
        code = self._process.returncode
        self.close()
        shortage = out_of_memory(code, "\n".join(lines), self.limits)
        if shortage:
            return shortage
        fatal = [line for line in lines if line.startswith(("fatal error:", "panic:", "SIG"))]
        return WorkerDiedError(*[*fatal, *lines[-1:], f"its process ended with {_signal_name(code) or code}"][:1])

    def _unusable(self, why: str) -> HelmError:
        self.close()
        return HelmError(
            f"the embedded Helm can't be used: {why}",
            hint="reinstall it: pip install --force-reinstall 'chartgen[helm]'",
        )


def out_of_memory(code: int, report: str, limits: RenderLimits) -> OutOfMemoryError | None:
    """Why a process of Helm ended, if it lacked memory; None for another reason.

    Go's crash report shows a failed allocation. One that fails in C, or while Go handles the first, ends the process by
    a signal: under a memory limit that is the likely reason. A panic is an error of Helm's own.
    """
    if any(sign in report for sign in _NO_MEMORY):
        return OutOfMemoryError()
    if not limits.memory or re.search(r"^panic:", report, re.MULTILINE):
        return None
    reported = re.search(rf"^(?:\[signal )?({'|'.join(_CRASHES)})\b", report, re.MULTILINE)
    name = reported[1] if reported else _signal_name(code)
    return OutOfMemoryError(name) if name in _CRASHES else None


def _signal_name(code: int) -> str:
    """The name of the signal that ended a process with this exit code, empty if none did."""
    return signal.Signals(-code).name if -code in {*signal.Signals} else ""


def _end(process: subprocess.Popen[bytes], stderr: IO[bytes]) -> None:
    process.kill()
    process.wait()
    for file in (process.stdin, process.stdout, stderr):
        if file:
            file.close()


def _write(pipe: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(pipe, left) :]


def _memory_file() -> IO[bytes]:
    """A file for the crash report of Go's runtime: unlike a pipe, it never blocks the writing process."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("chartgen-helm"), "w+b")
    import tempfile

    return tempfile.TemporaryFile()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    assert process.stdin
    assert process.stdout
    requests, answers = process.stdin.fileno(), process.stdout.fileno()
    if sys.platform == "linux":
        import fcntl

        for pipe in (requests, answers):
            # A user's quota of pipe memory may be used up; then messages are split into more pieces.
            with contextlib.suppress(OSError):
                fcntl.fcntl(pipe, 1031, _PIPE_BYTES)  # F_SETPIPE_SZ, which Python names from 3.10 on
    return requests, answers


def _command(limits: RenderLimits) -> list[str]:
    """Isolated Python: without site, PYTHON* variables and imports from the working directory."""
    flags = ["-I", "-S", *(["-B"] if sys.dont_write_bytecode else [])]
    place = str(Path(__file__).parents[2])
    numbers = (os.getpid(), math.ceil(limits.seconds), limits.memory)
    return [sys.executable, *flags, "-c", _PROGRAM, place, _library(), *map(str, numbers)]


def _library() -> str:
    """The path of helm-python-sdk's library, or of the one that its own variable HELM_C_LIB names."""
    found = find_spec("helm_python")
    named = os.environ.get("HELM_C_LIB") or (Path(found.origin).parent / "lib" if found and found.origin else "")
    place = Path(named).expanduser().absolute()
    paths = [place / name for name in _LIBRARIES] if place.is_dir() else [place]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        raise HelmError(f"the embedded Helm can't be used: there is no library at {place}", hint="see HELM_C_LIB")
    return str(path)


def _environment(limits: RenderLimits) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    # Less frequent garbage collection is faster for a short-lived process; near the memory limit Go collects as usual.
    return {**kept, "GOGC": "400", **({"GOMEMLIMIT": str(limits.memory * 3 // 4)} if limits.memory else {})}
