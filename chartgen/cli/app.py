"""The Typer application, with every subcommand."""

from __future__ import annotations

from chartgen.cli.application import application

app = application()
