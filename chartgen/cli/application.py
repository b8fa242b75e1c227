"""The Typer application with its subcommands, or with the one that a command line names."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer

from chartgen import __version__
from chartgen.cli.commands import Commands
from chartgen.cli.grouped_help import GroupedCommand

# In the order of `chartgen --help`.
_NAMES = (
    "add-canary",
    "remove-canary",
    "migrate",
    "emit",
    "ignore-differences",
    "lint",
    "plan",
    "preflight",
    "watch",
    "drift",
    "dashboard",
    "recover",
    "rules",
    "explain",
    "schema",
    "cache",
)


def application(first_argument: str | None = None) -> typer.Typer:
    """The application. If the first argument is a subcommand, it has no other: Typer reads each signature it gets."""
    app = typer.Typer(
        name="chartgen",
        cls=Commands,
        help="Know what a Flagger canary will do before the cluster does.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    )
    app.callback()(chartgen)
    for name in [first_argument] if first_argument in _NAMES else _NAMES:
        _add(app, name)
    return app


def _add(app: typer.Typer, name: str) -> None:
    """Add a subcommand, which is the function or the application of its name in the module of its name."""
    attribute = name.replace("-", "_")
    command: Any = getattr(import_module(f"chartgen.cli.{attribute}"), attribute)
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=name)
    else:
        app.command(name, cls=GroupedCommand)(command)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chartgen {__version__}")
        raise typer.Exit


def chartgen(
    _version: bool = typer.Option(
        False, "-V", "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
    ),
    _verbose: int = typer.Option(
        0,
        "-v",
        "--verbose",
        count=True,
        show_default=False,
        help="Given twice, as -vv: print the traceback of an unexpected error.",
    ),
) -> None:
    """Know what a Flagger canary will do before the cluster does."""
