"""`chartgen dashboard`: a Grafana dashboard for a canary."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chartgen.cli import completion, plan_options
from chartgen.cli import options as shared
from chartgen.cli.choices import DashboardFormat


def dashboard(
    chart: Annotated[
        str, typer.Argument(metavar="[CHART]", help="Chart or manifest; without one, a dashboard with variables.")
    ] = "",
    namespace: Annotated[
        str | None,
        typer.Option(
            "-n",
            "--namespace",
            callback=shared.namespace_name,
            help="Namespace of the release [default: the first namespace of the chart's gate].",
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="CHART", help="Write the dashboard into this chart, as a ConfigMap."),
    ] = None,
    label: Annotated[
        str, typer.Option(metavar="KEY=VALUE", help="Label by which Grafana's sidecar finds the ConfigMap.")
    ] = "grafana_dashboard=1",
    provider: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            autocompletion=completion.providers,
            help="Provider of Flagger, if there is no CHART or it doesn't name one.",
        ),
    ] = "istio",
    format_: Annotated[DashboardFormat, typer.Option("--format", help="Grafana's JSON, or a ConfigMap.")] = "json",
    output: plan_options.Output = None,
    canary: plan_options.CanaryName = "",
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
    """Print a Grafana dashboard for a canary: traffic, success rate, duration, CPU, memory, weights, events."""
    from chartgen.api import plan_request
    from chartgen.cli import run_dashboard

    value_sources = shared.value_sources(values, set_, set_string, set_file, set_json)
    source = plan_request.CanarySource(
        str(into) if into else chart, namespace, release_name, value_sources, kube_version, tuple(api_versions), canary
    )
    request = run_dashboard.DashboardRequest(source, provider, run_dashboard.label_of(label), into)
    if into and chart:
        raise typer.BadParameter("give either CHART or --into CHART")
    run_dashboard.run(request, shared.helm_choice(helm, render_timeout, render_memory), format_, output)
