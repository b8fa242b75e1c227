"""The child process in which the embedded Helm runs: it only answers requests from its stdin.

Started by worker_process.py. It imports as little as it can: its start is part of every run.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time

from chartgen.helm import protocol
from chartgen.helm.native import Library
from chartgen.helm.protocol import SEPARATOR, Refused

_PDEATHSIG = 1
# Beyond chartgen's own limit: chartgen kills the worker first, and this ends a worker that chartgen can't end.
_GRACE_SECONDS = 5
_LONGEST_STDERR = 1024 * 1024
_FUNCTIONS = {
    protocol.RENDER: "helm_render",
    protocol.VALUES: "helm_chart_merge_values",
    protocol.SET: "helm_strvals_parse",
    protocol.SET_STRING: "helm_strvals_parse_string",
    protocol.SET_JSON: "helm_strvals_parse_json",
    protocol.SET_FILE: "helm_strvals_parse_file",
}


def main(library: str, parent: str, seconds: str, memory: str) -> None:
    """Answer until stdin ends. `seconds` and `memory` (bytes) are limits, 0 for none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    os.umask(0o077)
    _end_with(int(parent))
    # Go's own output must not mix with the answers.
    answers = os.dup(1)
    os.dup2(2, 1)
    try:
        helm = _Helm(library)
        _limit(int(memory))
    except (OSError, AttributeError, ValueError) as error:
        _answer(answers, protocol.REFUSED, str(error).encode())
        return
    _answer(answers, protocol.DONE, helm.version)
    most = int(seconds) + _GRACE_SECONDS if int(seconds) else 0
    while True:
        operation, number, length = protocol.REQUEST.unpack(_received(protocol.REQUEST.size))
        body = _received(length)
        signal.alarm(most)
        _answer(answers, *helm.answer(operation, number, body))
        signal.alarm(0)


class _Helm:
    """Helm, with charts by number. A chart stays loaded if rendering doesn't change it."""

    def __init__(self, path: str) -> None:
        self._library = Library(path)
        self.version = self._library.version
        self._archives: dict[int, bytes] = {}
        self._charts: dict[int, ctypes.c_uint64] = {}

    def answer(self, operation: int, number: int, body: bytes) -> tuple[int, bytes]:
        try:
            return protocol.DONE, self._answer(operation, number, body)
        except Refused as refusal:
            return protocol.REFUSED, str(refusal).encode()
        except MemoryError:
            return protocol.OUT_OF_MEMORY, b""

    def _answer(self, operation: int, number: int, body: bytes) -> bytes:
        if operation == protocol.READ:
            read = [self._library.text("helm_values_from_yaml", text) for text in body.split(SEPARATOR)]
            return b"[%s]" % b",".join(read)
        if operation in {protocol.RENDER, protocol.VALUES}:
            return self._about_chart(_FUNCTIONS[operation], number, body)
        if operation in _FUNCTIONS:
            if operation == protocol.SET_FILE:
                folder, body = body.split(SEPARATOR)
                os.chdir(folder)
            return self._library.text(_FUNCTIONS[operation], body)
        self._drop(number)
        if operation == protocol.LOAD:
            self._charts[number] = self._library.load(body)
        elif operation == protocol.LOAD_EACH_TIME:
            self._archives[number] = body
        return b""

    def _about_chart(self, function: str, number: int, body: bytes) -> bytes:
        kept = self._charts.get(number)
        chart = kept or self._library.load(self._archives[number])
        try:
            return self._library.text(function, chart, *body.split(SEPARATOR))
        finally:
            if kept is None:
                self._library.free(chart)

    def _drop(self, number: int) -> None:
        self._archives.pop(number, None)
        chart = self._charts.pop(number, None)
        if chart is not None:
            self._library.free(chart)


def _end_with(parent: int) -> None:
    """End with the parent: on Linux the kernel does it; elsewhere the end of stdin and the alarm do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit()


def _limit(memory: int) -> None:
    """Limit writable memory beyond that of an idle worker: Go reserves far more address space than it uses."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LONGEST_STDERR, _LONGEST_STDERR))
    if memory and sys.platform == "linux":
        # Importing pathlib takes as long as everything else here.
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123
            idle = int(file.read().split()[5]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        most = idle + memory if hard == resource.RLIM_INFINITY else min(idle + memory, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _received(length: int) -> bytes:
    """Read `length` bytes; exit if chartgen has closed the pipe."""
    pieces, missing = [], length
    while missing:
        piece = os.read(0, missing)
        if not piece:
            sys.exit()
        pieces.append(piece)
        missing -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _answer(answers: int, status: int, body: bytes) -> None:
    left = memoryview(protocol.ANSWER.pack(status, time.process_time(), len(body)) + body)
    while left:
        left = left[os.write(answers, left) :]
