"""Ctrl-C and other signals that end a program: files being written are restored, and the exit code is 130.

Python handles a signal only between two of its own instructions, and loses what is raised in a finalizer or a callback
of C, while later signals are ignored: a thread ends the process in any case.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

from chartgen.cli import exit_codes

if TYPE_CHECKING:
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
# Enough to restore files that were being written; the next run restores the rest.
_GRACE_SECONDS = 3.0


def end_soon_after_interrupt() -> None:
    """End the process at the first of these signals: with KeyboardInterrupt, or at the latest a few seconds later.

    A signal that is ignored at the start (`nohup`, a background job) stays ignored.
    """
    handled = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in handled:
        signal.signal(number, _Interrupt(handled))
    threading.Thread(target=_wait, args=(reader, frozenset(handled)), daemon=True).start()


class _Interrupt:
    """The first signal raises KeyboardInterrupt; later ones don't interrupt the cleanup."""

    def __init__(self, handled: list[signal.Signals]) -> None:
        self._handled = handled

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        for other in self._handled:
            signal.signal(other, _ignore)
        raise KeyboardInterrupt


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Ignore a signal; SIG_IGN would be inherited by child processes."""


def _wait(reader: int, handled: frozenset[int]) -> None:
    while not handled.intersection(os.read(reader, 1)):
        pass
    time.sleep(_GRACE_SECONDS)
    os._exit(exit_codes.INTERRUPTED)
