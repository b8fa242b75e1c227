"""`python -m chartgen` and the console script."""

from __future__ import annotations

import sys

# Importing typing takes longer than all that a remembered answer needs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from chartgen.cli.remembered import RememberedRun

# `exit_codes.INTERRUPTED`, which an import could only read while it can be interrupted itself.
_INTERRUPTED = 130


def main() -> None:
    """Run chartgen and end the process with its exit code."""
    try:
        from chartgen.cli.guard import guarded

        code = guarded(_run)
    except KeyboardInterrupt:
        # Ctrl-C while the guard is imported, or while it reports something.
        code = _INTERRUPTED
    sys.exit(code)


def _run() -> None:
    # Imports inside the guard: Ctrl-C while modules are read is no traceback either.
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        from chartgen import __version__

        sys.stdout.write(f"chartgen {__version__}\n")
        sys.stdout.flush()
    elif arguments[:1] == ["lint"]:
        from chartgen.cli.remembered import RememberedRun

        sys.exit(RememberedRun(arguments).answer(_run_command))
    else:
        _run_command()


def _run_command(remembered: RememberedRun | None = None) -> None:
    import gc

    # Imports and documents are many objects that stay: looking for garbage among them took a tenth of a run.
    gc.set_threshold(50_000)
    from chartgen.cli.interrupt import end_soon_after_interrupt

    end_soon_after_interrupt()
    from chartgen.cli.early import start_helm_early

    start_helm_early(sys.argv[1:], remembered)
    from chartgen.cli.application import application

    application(next(iter(sys.argv[1:]), None))(prog_name="chartgen", obj=remembered)


if __name__ == "__main__":
    main()
