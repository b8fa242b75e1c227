"""`chartgen ignore-differences`: prints what a GitOps tool must ignore of a chart with a canary."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chartgen.cli import options as shared
from chartgen.cli.choices import GitOpsTool


def ignore_differences(
    tool: Annotated[GitOpsTool, typer.Argument(metavar="TOOL", help="argocd or flux.")],
    chart: Annotated[Path, typer.Argument(metavar="CHART", help="Folder or .tgz of the chart.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to a file instead of stdout.")] = None,
    release_name: shared.ReleaseName = "release-name",
    values: shared.Values = [],  # noqa: B006 - Typer copies defaults
    set_: shared.Set = [],  # noqa: B006
    set_string: shared.SetString = [],  # noqa: B006
    set_file: shared.SetFile = [],  # noqa: B006
    set_json: shared.SetJson = [],  # noqa: B006
    helm: shared.Helm = "auto",
    render_timeout: shared.RenderTimeout = 10,
    render_memory: shared.RenderMemory = 1024,
) -> None:
    """Print the fields that Flagger and the autoscaler change, as Argo CD or Flux ignores them.

    The names are those of the release, so give its name and values.
    """
    from chartgen.api.render_errors import render_errors_of
    from chartgen.api.schema_notes import note_external_references
    from chartgen.api.unfinished import warn_unfinished
    from chartgen.canary import changed_fields
    from chartgen.charts.load import load_chart
    from chartgen.cli.output import note, write_result
    from chartgen.helm.request import RenderRequest
    from chartgen.helm.select import select_engine

    warn_unfinished([chart], note)
    choice = shared.helm_choice(helm, render_timeout, render_memory)
    engine, loaded = select_engine(choice.program, choice.limits), load_chart(chart)
    note_external_references(loaded, note)
    request = RenderRequest(
        release_name=release_name,
        sources=shared.value_sources(values, set_, set_string, set_file, set_json),
    )
    with render_errors_of(loaded):
        objects = changed_fields.changed_objects(engine, loaded, request, tool)
    printer = changed_fields.as_argocd if tool == "argocd" else changed_fields.as_flux
    write_result(printer(objects), output)
