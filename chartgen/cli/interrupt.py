"""Ctrl-C while Helm renders in this process: Python hears of it only when the call comes back, if it ever does."""

from __future__ import annotations

import os
import signal
import threading
import time

from chartgen.cli import exit_codes

# Enough to put back files that were being written; what is left after it is undone by the next run.
_GRACE_SECONDS = 3.0


def end_soon_after_interrupt() -> None:
    """End the process a few seconds after SIGINT, where the main thread has not done so itself by then."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_wait, args=(reader,), daemon=True).start()


def _wait(reader: int) -> None:
    while signal.SIGINT not in os.read(reader, 1):
        pass
    time.sleep(_GRACE_SECONDS)
    os._exit(exit_codes.INTERRUPTED)
