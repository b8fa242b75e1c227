"""`chartgen remove-canary`: takes a canary that chartgen added out of a chart again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chartgen.cli import completion
from chartgen.cli import options as shared
from chartgen.cli.choices import TextOrJson


def remove_canary(
    chart: Annotated[Path, typer.Argument(metavar="CHART", help="Folder of the chart.")],
    target: Annotated[
        list[str] | None,
        typer.Option(autocompletion=completion.targets, help="Remove the canary of this workload only (repeatable)."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Delete templates of chartgen even if they were edited by hand.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Print the change without writing it.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 if the chart would change; write nothing.")] = False,
    format_: Annotated[TextOrJson, typer.Option("--format", help="Output format.")] = "text",
    release_name: shared.ReleaseName = "",
    values: shared.Values = [],  # noqa: B006 - Typer copies defaults
    set_: shared.Set = [],  # noqa: B006
    set_string: shared.SetString = [],  # noqa: B006
    set_file: shared.SetFile = [],  # noqa: B006
    set_json: shared.SetJson = [],  # noqa: B006
    helm: shared.Helm = "auto",
    render_timeout: shared.RenderTimeout = 10,
    render_memory: shared.RenderMemory = 1024,
) -> None:
    """Remove a canary that add-canary added: every file is restored to the byte, verified with real Helm.

    Prints the steps for a live release first.
    """
    from chartgen.canary.removal import RemoveOptions
    from chartgen.cli import run_remove_canary

    options = RemoveOptions(
        targets=tuple(target or ()),
        force=force,
        release_name=release_name or None,
        sources=shared.value_sources(values, set_, set_string, set_file, set_json),
    )
    choice = shared.helm_choice(helm, render_timeout, render_memory)
    raise typer.Exit(run_remove_canary.run(chart, options, helm=choice, diff=diff, check=check, form=format_))
