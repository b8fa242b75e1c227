"""A command's result: on stdout, or whole in a file."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import typer

from chartgen.errors import WriteError


def write_result(text: str, output: Path | None) -> None:
    """Print `text`, or write it to `output` so that nobody sees half of it; folders on the way are made."""
    if output is None:
        typer.echo(text, nl=False)
        return
    part = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(output)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise WriteError(f"{output}: {error.strerror}", hint="choose another file with -o") from error
