"""Many short processes for the price of one: a server imports a module once, and each run is a fork of it.

    with forks("tests.edits.writer") as run:
        code, printed = run("ROOT", "apply", "SIGKILL", "3", XDG_STATE_HOME="/tmp/state")

A run is the module's `main(arguments)`; its code is negative for the signal that ended it, as in `subprocess`.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def forks(module: str) -> Iterator[Callable[..., tuple[int, str]]]:
    """A function that runs `module.main` in a process of its own: exit code, and what stdout and stderr got."""
    command = [sys.executable, "-m", "tests.forks", module]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:

        def run(*arguments: str, **environment: str) -> tuple[int, str]:
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write(json.dumps([arguments, environment]) + "\n")
            server.stdin.flush()
            code, printed = json.loads(server.stdout.readline())
            return code, printed

        yield run
        server.communicate(timeout=60)


def _serve(module: str) -> None:
    run = importlib.import_module(module).main
    for line in sys.stdin:
        with tempfile.TemporaryFile() as printed:
            child = os.fork()
            if child == 0:
                os.dup2(printed.fileno(), 1)
                os.dup2(printed.fileno(), 2)
                arguments, environment = json.loads(line)
                os.environ.update(environment)
                os._exit(_flushed(run, arguments))
            _, status = os.waitpid(child, 0)
            printed.seek(0)
            text = printed.read().decode("utf-8", "replace")
        sys.stdout.write(json.dumps([os.waitstatus_to_exitcode(status), text]) + "\n")
        sys.stdout.flush()


def _flushed(run: object, arguments: list[str]) -> int:
    assert callable(run)
    try:
        code = run(arguments) or 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 0
    except BaseException:  # noqa: BLE001 - the run is over, and what is printed says why
        import traceback

        traceback.print_exc()
        code = 99
    sys.stdout.flush()
    sys.stderr.flush()
    return int(code)


if __name__ == "__main__":
    _serve(sys.argv[1])
