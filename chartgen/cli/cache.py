"""`chartgen cache clear`: forget the results of earlier runs."""

from __future__ import annotations

import typer

cache = typer.Typer(
    help="Manage the results of earlier runs, which lint keeps in your cache folder.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@cache.callback()
def _cache() -> None:
    """Manage the results of earlier runs, which lint keeps in your cache folder."""


@cache.command("clear")
def clear() -> None:
    """Remove all of them."""
    from chartgen.cache.entries import clear as clear_entries
    from chartgen.cache.entries import folder_path
    from chartgen.cli.output import note

    count = clear_entries()
    note(f"{folder_path()}: {count} {'entry' if count == 1 else 'entries'} removed")
