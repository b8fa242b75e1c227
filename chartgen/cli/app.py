"""The Typer application, with every subcommand."""

from __future__ import annotations

import typer

from chartgen import __version__
from chartgen.cli.add_canary import add_canary
from chartgen.cli.cache import cache
from chartgen.cli.commands import Commands
from chartgen.cli.dashboard import dashboard
from chartgen.cli.drift import drift
from chartgen.cli.emit import emit
from chartgen.cli.explain import explain
from chartgen.cli.grouped_help import GroupedCommand
from chartgen.cli.ignore_differences import ignore_differences
from chartgen.cli.lint import lint
from chartgen.cli.migrate import migrate
from chartgen.cli.plan import plan
from chartgen.cli.preflight import preflight
from chartgen.cli.recover import recover
from chartgen.cli.remove_canary import remove_canary
from chartgen.cli.rules import rules
from chartgen.cli.watch import watch

app = typer.Typer(
    name="chartgen",
    cls=Commands,
    help="Know what a Flagger canary will do before the cluster does.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chartgen {__version__}")
        raise typer.Exit


@app.callback()
def chartgen(
    _version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
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


app.command("add-canary", cls=GroupedCommand)(add_canary)
app.command("remove-canary")(remove_canary)
app.command("migrate")(migrate)
app.command("emit")(emit)
app.command("ignore-differences")(ignore_differences)
app.command("lint")(lint)
app.command("plan")(plan)
app.command("preflight")(preflight)
app.command("watch")(watch)
app.command("drift")(drift)
app.command("dashboard")(dashboard)
app.command("recover")(recover)
app.command("rules")(rules)
app.command("explain")(explain)
app.add_typer(cache, name="cache")
