"""Output of commands: the result on stdout or in a file, everything else on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from chartgen.errors import ChartgenError, InternalError, WriteError
from chartgen.escaping import first_lines, shown, without_commands

if TYPE_CHECKING:
    from pathlib import Path


def write_result(text: str, output: Path | None, option: str = "-o") -> None:
    """Print `text`, or write it to `output`, which `option` names, atomically; missing folders are created."""
    if output is None:
        typer.echo(text.encode("utf-8", "surrogateescape"), nl=False)
        return
    from chartgen.edits.output import write_output

    try:
        write_output(output, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise WriteError(f"{output}: {error.strerror}", hint=f"choose another path for {option}") from error


def print_prose(text: str) -> None:
    """Print lines for a person on stdout, with text from charts escaped for terminals and CI."""
    typer.echo(_escaped(text).encode())


def note(text: str) -> None:
    """Print a remark on stderr, as `print_prose` does."""
    typer.echo(_escaped(text).encode(), err=True)


def report_error(error: ChartgenError) -> None:
    """Print `error: …` and `help: …` on stderr; a long message is cut."""
    note(f"error: {first_lines(error.message)}")
    if error.hint:
        note(f"help: {error.hint}")


def report_details(error: ChartgenError) -> None:
    """Print the traceback of an internal error on stderr if `-vv` is given."""
    if isinstance(error, InternalError) and "-vv" in sys.argv:
        note(error.details)


def _escaped(text: str) -> str:
    return without_commands(shown(text))
