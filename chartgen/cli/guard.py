"""Turn failures into messages on stderr and an exit code."""

from __future__ import annotations

import os
from collections.abc import Callable

from chartgen.cli import exit_codes
from chartgen.errors import ChartgenError, unexpected


def guarded(run: Callable[[], object]) -> int:
    """Run a command line to its exit code. An unexpected exception is 2, never Python's own 1."""
    try:
        run()
    except SystemExit as stop:
        return _code_of(stop)
    except KeyboardInterrupt:
        return exit_codes.INTERRUPTED
    except BrokenPipeError:
        return _reader_gone()
    except ChartgenError as error:
        _report(error)
        return exit_codes.COULD_NOT
    except Exception as error:  # noqa: BLE001 - the last guard: every crash is reported in one line
        _report(unexpected(error))
        return exit_codes.COULD_NOT
    return exit_codes.OK


def _report(error: ChartgenError) -> None:
    # Imported inside the guard, so that Ctrl-C during the import prints no traceback.
    from chartgen.cli.output import report_details, report_error

    report_details(error)
    report_error(error)


def _code_of(stop: SystemExit) -> int:
    if isinstance(stop.__context__, BrokenPipeError):
        # Click turns it into exit code 1, which means findings.
        return _reader_gone()
    if stop.code is None:
        return exit_codes.OK
    return stop.code if isinstance(stop.code, int) else exit_codes.COULD_NOT


def _reader_gone() -> int:
    """End quietly when the reader of a pipe ends (`chartgen … | head`); nothing must be flushed at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return exit_codes.OK
