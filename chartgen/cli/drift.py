"""`chartgen drift`: whether Git still says the version that runs, after a rollback."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chartgen.cli import cluster_options as cluster
from chartgen.cli import options as shared
from chartgen.cli import plan_options
from chartgen.cli.choices import PreflightFormat


def drift(
    namespace: Annotated[
        str, typer.Option("-n", "--namespace", callback=shared.namespace_name, help="Namespace of the Canaries.")
    ] = "default",
    canary: plan_options.CanaryName = "",
    release: Annotated[str, typer.Option(metavar="NAME", help="Only the Canaries of this Helm release.")] = "",
    git: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Clone, or a folder in it, that the cluster is deployed from.")
    ] = None,
    revert: Annotated[bool, typer.Option("--revert", help="Set the version lines in --git to what runs.")] = False,
    branch: Annotated[
        str,
        typer.Option(metavar="NAME", help="With --revert: commit to this new branch instead of changing files."),
    ] = "",
    cluster_context: cluster.Context = "",
    kubeconfig: cluster.Kubeconfig = "",
    format_: Annotated[PreflightFormat, typer.Option("--format", help="Output format.")] = "text",
    output: plan_options.Output = None,
) -> None:
    """Compare the desired version with what the primary runs; exit 1 if they differ. Silent during a rollout."""
    from chartgen.cli import run_drift

    request = run_drift.DriftRequest(namespace, canary, release, git, revert, branch)
    request.check()
    source = cluster.connected(kubeconfig, cluster_context)
    raise typer.Exit(run_drift.run(source, request, format_, output))
