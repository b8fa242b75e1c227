"""`python -m chartgen` and the console script."""

from __future__ import annotations

import sys


def main() -> None:
    """Run chartgen and end the process with its exit code."""
    from chartgen.cli.guard import guarded
    from chartgen.cli.interrupt import end_soon_after_interrupt

    end_soon_after_interrupt()
    sys.exit(guarded(_run))


def _run() -> None:
    # Inside the guard: Ctrl-C while modules are read is no traceback either.
    from chartgen.cli.app import app

    app(prog_name="chartgen")


if __name__ == "__main__":
    main()
