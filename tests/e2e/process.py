"""Processes of the plane: started with a log of their own, ended by their id, and never left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_PATIENCE = 10.0


class PlaneError(Exception):
    """The plane could not be started; the message names the part and ends with the tail of its log."""


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens on; held together so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _end_with_the_parent() -> None:
    """In the child: a group of its own, and the kernel ends it when the thread that started it is gone."""
    os.setsid()
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Child:
    """One running part."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, argv: Sequence[str | Path], log: Path, variables: Mapping[str, str] | None = None) -> Child:
        """Start from the main thread only: the kernel ends a child with the thread that started it."""
        name = Path(argv[0]).name
        with log.open("ab") as stream:
            popen = subprocess.Popen(
                [str(word) for word in argv],
                cwd=log.parent,
                env={**os.environ, **(variables or {})},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                preexec_fn=_end_with_the_parent,  # noqa: PLW1509 (no threads of ours hold locks that prctl needs)
            )
        return cls(name, popen, log)

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def tail(self, size: int = 3000) -> str:
        return self.log.read_text(errors="replace")[-size:]

    def must_live(self) -> None:
        if not self.alive:
            raise PlaneError(f"{self.name} ended with {self.popen.returncode}:\n{self.tail()}")

    def stop(self) -> None:
        if self.alive:
            self.popen.terminate()
            try:
                self.popen.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self.popen.kill()
        self.popen.wait(_PATIENCE)
