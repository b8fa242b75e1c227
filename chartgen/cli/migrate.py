"""`chartgen migrate`: takes over a canary that was made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chartgen.cli import options as shared
from chartgen.cli.choices import TextOrJson


def migrate(
    chart: Annotated[Path, typer.Argument(metavar="CHART", help="Folder of the chart.")],
    adopt: Annotated[
        bool,
        typer.Option("--adopt", help="Replace the Canary with add-canary's template; its settings move to values."),
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
    """Bring Canaries made by hand to the current Flagger, with the fewest edits and the same meaning.

    Edits old API versions (v1alpha2, v1alpha3), canaryAnalysis, threshold, former metric names and the autoscaler's API
    version in templates and values.
    """
    from chartgen.cli import run_migrate
    from chartgen.migration.planner import MigrateOptions

    options = MigrateOptions(
        adopt=adopt,
        release_name=release_name or None,
        sources=shared.value_sources(values, set_, set_string, set_file, set_json),
    )
    choice = shared.helm_choice(helm, render_timeout, render_memory)
    raise typer.Exit(run_migrate.run(chart, options, helm=choice, diff=diff, check=check, form=format_))
