"""Output of commands: the result on stdout or in a file, everything else on stderr."""

from __future__ import annotations

import sys

# Importing typing takes longer than all that a remembered answer needs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import TextIO

    from chartgen.edits.plan import FileChange
    from chartgen.errors import ChartgenError


# What this run has printed: the stream (1 or 2) and the bytes. None unless it is recorded.
_recorded: list[tuple[int, bytes]] | None = None


# Whether remarks are left out (`--quiet`).
_quiet = False


def set_quiet(*, on: bool) -> None:
    """From now on, print results and errors only, or everything again."""
    global _quiet  # noqa: PLW0603 - as the streams themselves, there is one for the process
    _quiet = on


def record() -> list[tuple[int, bytes]]:
    """Record what is printed from now on, in the returned list."""
    global _recorded  # noqa: PLW0603 - as the streams themselves, there is one for the process
    _recorded = []
    return _recorded


def terminal_width(stream: TextIO) -> int | None:
    """The columns of the terminal that `stream` is, None if it isn't one."""
    if not stream.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def print_again(printed: Iterable[tuple[int, bytes]]) -> None:
    """Print what an earlier run printed."""
    for stream, data in printed:
        _print(data, stream)


def write_result(text: str, output: Path | None, option: str = "-o") -> None:
    """Print `text`, or write it to `output`, which `option` names, atomically; missing folders are created."""
    if output is None:
        _print(text.encode("utf-8", "surrogateescape"), 1)
        return
    from chartgen.edits.output import write_output
    from chartgen.errors import WriteError

    try:
        write_output(output, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise WriteError(f"{output}: {error.strerror}", hint=f"choose another path for {option}") from error


def print_prose(text: str) -> None:
    """Print lines for a person on stdout, with text from charts escaped for terminals and CI."""
    _print(f"{_escaped(text)}\n".encode(), 1)


def note(text: str) -> None:
    """Print a remark on stderr, as `print_prose` does. With `--quiet`, only a WARNING is printed."""
    if not _quiet or text.startswith("WARNING"):
        _print_error(text)


def print_changes(changes: Iterable[FileChange], *, would: bool) -> None:
    """One line for each changed file: `change values.yaml`, or `would change …` in a dry run."""
    for change in () if _quiet else changes:
        print_prose(f"{'would ' if would else ''}{change.action} {change.path}")


def report_error(error: ChartgenError) -> None:
    """Print `error: …` and `help: …` on stderr; a long message is cut."""
    from chartgen.escaping import first_lines

    _print_error(f"error: {first_lines(error.message)}")
    if error.hint:
        _print_error(f"help: {error.hint}")


def report_details(error: ChartgenError) -> None:
    """Print the traceback of an internal error on stderr if `-vv` is given."""
    from chartgen.errors import InternalError

    if isinstance(error, InternalError) and "-vv" in sys.argv:
        _print_error(error.details)


def _print_error(text: str) -> None:
    _print(f"{_escaped(text)}\n".encode(), 2)


def _escaped(text: str) -> str:
    # A remembered answer is printed without these.
    from chartgen.escaping import shown, without_commands

    return without_commands(shown(text))


def _print(data: bytes, number: int) -> None:
    stream = sys.stdout if number == 1 else sys.stderr
    if _recorded is not None:
        _recorded.append((number, data))
    stream.flush()
    stream.buffer.write(data)
    stream.flush()
