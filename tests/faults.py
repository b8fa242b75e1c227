"""Faults at chosen calls on the file system, in this process: the n-th call fails, or a signal arrives before it.

chartgen writes through `os`; each of these functions is replaced by one that counts, and `open` counts where it makes a
file. Reading, and output to the terminal, are not counted.
"""

from __future__ import annotations

import errno
import functools
import os
import signal
import stat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS = ("open", "write", "fsync", "fchmod", "fchown", "chmod", "chown", "link", "rename", "unlink", "mkdir", "rmdir")
ERRORS = ("ENOSPC", "EIO", "EACCES")
SIGNALS = ("SIGKILL", "SIGTERM")


def inject(effect: str, at: int, *names: str) -> list[str]:
    """Let `effect` (an error's or a signal's name) happen at the `at`-th call of `names` (all where none are given).

    Returns the list to which every counted call is added as it is made.
    """
    made: list[str] = []
    for name in names or CALLS:
        setattr(os, name, _counting(name, getattr(os, name), made, effect, at))
    return made


def _counting(name: str, real: Callable[..., Any], made: list[str], effect: str, at: int) -> Callable[..., Any]:
    @functools.wraps(real)
    def call(*args: Any, **more: Any) -> Any:
        if not _counts(name, args):
            return real(*args, **more)
        made.append(name)
        if len(made) == at and effect.startswith("SIG"):
            os.kill(os.getpid(), getattr(signal, effect))
        elif len(made) == at:
            number = getattr(errno, effect)
            raise OSError(number, os.strerror(number), str(args[0]))
        return real(*args, **more)

    return call


def _counts(name: str, args: tuple[Any, ...]) -> bool:
    if name == "open":
        return bool(args[1] & os.O_CREAT)
    if name in {"write", "fsync"}:
        return not stat.S_ISFIFO(os.fstat(args[0]).st_mode) and not os.isatty(args[0])
    return True
