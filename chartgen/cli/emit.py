"""`chartgen emit`: prints the Flagger objects of a chart as Helm renders them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from chartgen.cli import options as shared
from chartgen.cli.choices import YamlOrJson


def emit(
    chart: Annotated[Path, typer.Argument(metavar="CHART", help="Folder or .tgz of the chart.")],
    namespace: Annotated[
        str | None,
        typer.Option(
            "-n",
            "--namespace",
            callback=shared.namespace_name,
            help="Namespace of the release [default: the first one the Canary's condition names].",
        ),
    ] = None,
    format_: Annotated[YamlOrJson, typer.Option("--format", help="Output format.")] = "yaml",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to a file instead of stdout.")] = None,
    release_name: shared.ReleaseName = "release-name",
    values: shared.Values = [],  # noqa: B006 - Typer copies defaults
    set_: shared.Set = [],  # noqa: B006
    set_string: shared.SetString = [],  # noqa: B006
    set_file: shared.SetFile = [],  # noqa: B006
    set_json: shared.SetJson = [],  # noqa: B006
    kube_version: shared.KubeVersion = "",
    api_versions: shared.ApiVersions = [],  # noqa: B006
    helm: shared.Helm = "auto",
    render_timeout: shared.RenderTimeout = 10,
    render_memory: shared.RenderMemory = 1024,
) -> None:
    """Print the chart's Canaries, MetricTemplates, and AlertProviders for kubectl apply -f -.

    If the canary is off in values.yaml, switch it on: --set canary.enable=true.
    """
    from chartgen.charts.load import load_chart
    from chartgen.cli.output import write_result
    from chartgen.cli.render_errors import render_errors_of
    from chartgen.cli.schema_notes import note_external_references
    from chartgen.cli.unfinished import warn_unfinished
    from chartgen.flagger import emission
    from chartgen.helm.request import RenderRequest, with_api_versions
    from chartgen.helm.select import select_engine
    from chartgen.manifests.rendering import render

    warn_unfinished([chart])
    choice = shared.helm_choice(helm, render_timeout, render_memory)
    engine, loaded = select_engine(choice.program, choice.limits), load_chart(chart)
    note_external_references(loaded)
    request = RenderRequest(
        release_name=release_name,
        sources=shared.value_sources(values, set_, set_string, set_file, set_json),
        kube_version=kube_version or None,
        api_versions=with_api_versions(api_versions),
    )
    with render_errors_of(loaded):
        request = replace(request, namespace=namespace or emission.default_namespace(engine, loaded, request))
        manifests = emission.require_canary(engine, loaded, render(engine, loaded, request, "emit"))
    printer = emission.as_json if format_ == "json" else emission.as_yaml
    write_result(printer(manifests, request.namespace), output)
