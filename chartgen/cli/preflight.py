"""`chartgen preflight`: whether a cluster is ready for a chart's canary."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chartgen.cli import cluster_options as cluster
from chartgen.cli import options as shared
from chartgen.cli import plan_options
from chartgen.cli.choices import PreflightFormat


def preflight(
    context: typer.Context,
    chart: Annotated[
        str, typer.Argument(metavar="CHART", help="Chart folder or .tgz, a manifest file, or - for stdin.")
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
    cluster_context: cluster.Context = "",
    kubeconfig: cluster.Kubeconfig = "",
    prometheus: cluster.Prometheus = "",
    from_: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="Folder with dumps of kubectl get -o yaml, instead of a cluster."),
    ] = None,
    dump_commands: Annotated[
        bool, typer.Option("--dump-commands", help="Print the commands that write the dumps for --from.")
    ] = False,
    rbac: Annotated[bool, typer.Option("--rbac", help="Print the least rights as RBAC objects.")] = False,
    subject: Annotated[
        str,
        typer.Option(metavar="NAME", help="Whom --rbac grants them: a user, @group or namespace:serviceaccount."),
    ] = "default:chartgen",
    write_config: Annotated[
        Path | None,
        typer.Option(
            "--write-config", metavar="FILE", help="Write what lint needs from the cluster to cluster: of this file."
        ),
    ] = None,
    format_: Annotated[PreflightFormat, typer.Option("--format", help="Output format.")] = "text",
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
    """Check whether a cluster is ready for a canary; exit 1 on blockers. Only reads from the cluster."""
    from chartgen.api import plan_request
    from chartgen.cli import run_preflight

    given = shared.given_options(context)
    if dump_commands:
        run_preflight.require_alone("--dump-commands", given, ("--rbac", "--format", "--write-config"))
        run_preflight.print_dump_commands(from_, output)
        return
    if rbac:
        run_preflight.require_alone("--rbac", given, ("--from", "--format", "--write-config"))
    value_sources = shared.value_sources(values, set_, set_string, set_file, set_json)
    source = plan_request.CanarySource(
        chart, namespace, release_name, value_sources, kube_version, tuple(api_versions), canary
    )
    request = run_preflight.PreflightRequest(
        source,
        named_release="--release-name" in given,
        context=cluster_context,
        kubeconfig=kubeconfig,
        prometheus=prometheus,
        dumps=from_,
        write_config=write_config,
    )
    choice = shared.helm_choice(helm, render_timeout, render_memory)
    if rbac:
        run_preflight.print_rbac(request, subject, choice, output)
        return
    raise typer.Exit(run_preflight.run(request, choice, format_, output))
