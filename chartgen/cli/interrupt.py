"""Ctrl-C and the other signals that ask a program to end: what is being written is undone, and the exit code is 130.

Python hears of a signal only when a call of Helm in this process comes back, if it ever does: a thread waits for it.
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
# Enough to put back files that were being written; what is left after it is undone by the next run.
_GRACE_SECONDS = 3.0


def end_soon_after_interrupt() -> None:
    """Undo and end at the first of the signals: by KeyboardInterrupt, and a few seconds later in any case.

    A signal that is ignored from the start (`nohup`, a job in the background) stays ignored.
    """
    heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in heard:
        signal.signal(number, _Interrupt(heard))
    threading.Thread(target=_wait, args=(reader, frozenset(heard)), daemon=True).start()


class _Interrupt:
    """The first signal raises KeyboardInterrupt; those after it don't disturb the undoing."""

    def __init__(self, heard: list[signal.Signals]) -> None:
        self._heard = heard

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        for other in self._heard:
            signal.signal(other, _ignore)
        raise KeyboardInterrupt


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Not SIG_IGN, which programs started from here would inherit."""


def _wait(reader: int, heard: frozenset[int]) -> None:
    while not heard.intersection(os.read(reader, 1)):
        pass
    time.sleep(_GRACE_SECONDS)
    os._exit(exit_codes.INTERRUPTED)
