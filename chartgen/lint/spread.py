"""Charts spread over the processor's cores: forked processes check some of them, and results arrive in order."""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chartgen.helm.worker_process import disown_workers
from chartgen.inputs.reads import reading, was_read

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

# With fewer charts, starting Helm once more takes longer than it saves.
_FEWEST = 4
_MOST = 8
_LENGTH = struct.Struct("!Q")


def spread(
    charts: Sequence[Path], check: Callable[[Path], Any], check_elsewhere: Callable[[Path], Any]
) -> Generator[Any, None, None]:
    """The result of `check` for each chart, in order.

    `check_elsewhere` is called in a forked process, whose Helm is its own. A chart for which it raises or which ends
    that process is checked here.
    """
    count = min(_cores(), _MOST, len(charts) // 2) if len(charts) >= _FEWEST else 1
    if count < 2:  # noqa: PLR2004 - nothing to share
        yield from map(check, charts)
        return
    others = [_Other(charts[number::count], check_elsewhere) for number in range(1, count)]
    try:
        for index, chart in enumerate(charts):
            number = index % count
            result = others[number - 1].next_result() if number else None
            yield check(chart) if result is None else result
    finally:
        for other in others:
            other.end()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Other:
    """One forked process, and the pipe with its results."""

    def __init__(self, charts: Sequence[Path], check: Callable[[Path], Any]) -> None:
        reader, writer = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        with warnings.catch_warnings():
            # The other thread only waits for signals.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process = os.fork()
        if not self._process:
            _work(charts, check, writer, reader)
        os.close(writer)
        self._results = os.fdopen(reader, "rb")

    def next_result(self) -> Any:
        """The next result, None if the process has none."""
        header = self._results.read(_LENGTH.size)
        if len(header) < _LENGTH.size:
            return None
        data = self._results.read(_LENGTH.unpack(header)[0])
        result, read = pickle.loads(data)  # noqa: S301 - from our own fork, through a pipe that nobody else has
        for path in read:
            was_read(path)
        return result

    def end(self) -> None:
        """End the process if it is still at work."""
        self._results.close()
        with suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


def _work(charts: Sequence[Path], check: Callable[[Path], Any], writer: int, reader: int) -> None:
    """Check the charts and end: nothing of the parent may run here a second time, no `finally` and no exit handler."""
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, signal.SIG_DFL)
        os.close(reader)
        disown_workers()
        for chart in charts:
            data = _answer(check, chart)
            _write(writer, _LENGTH.pack(len(data)) + data)
    finally:
        os._exit(0)


def _answer(check: Callable[[Path], Any], chart: Path) -> bytes:
    try:
        with reading() as read:
            result = check(chart)
        return pickle.dumps((result, read))
    except Exception:  # noqa: BLE001 - the parent checks the chart again, and reports what happens there
        return pickle.dumps((None, ()))


def _write(pipe: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(pipe, left) :]
