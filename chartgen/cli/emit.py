"""`chartgen emit`: prints the Flagger objects of a chart as Helm renders them."""

from __future__ import annotations

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

    They are those of one namespace; if the Canary renders in others, too, a note on stderr names them.

    If the canary is off in values.yaml, switch it on: --set canary.enable=true.
    """
    from chartgen import api
    from chartgen.cli.output import write_result

    result = api.emit(
        chart,
        session=shared.session(helm, render_timeout, render_memory),
        namespace=namespace,
        release_name=release_name,
        values=values,
        set=set_,
        set_string=set_string,
        set_file=set_file,
        set_json=set_json,
        kube_version=kube_version,
        api_versions=api_versions,
    )
    write_result(result.json if format_ == "json" else result.yaml, output)
