"""`chartgen watch`: follows a rollout on a cluster against its plan."""

from __future__ import annotations

from typing import Annotated

import typer

from chartgen.cli import cluster_options as cluster
from chartgen.cli import options as shared
from chartgen.cli.choices import TextOrJson


def watch(
    canary: Annotated[str, typer.Argument(metavar="CANARY", help="Name of the Canary.")],
    namespace: Annotated[
        str, typer.Option("-n", "--namespace", callback=shared.namespace_name, help="Namespace of the Canary.")
    ] = "default",
    cluster_context: cluster.Context = "",
    kubeconfig: cluster.Kubeconfig = "",
    prometheus: cluster.Prometheus = "",
    timeout: Annotated[
        str, typer.Option(metavar="DURATION", help="How long to watch; then the result is timed-out.")
    ] = "1h",
    start_within: Annotated[
        str,
        typer.Option(
            metavar="DURATION", help="How long to wait for a rollout to begin [default: two intervals and 30s]."
        ),
    ] = "",
    stuck_after: Annotated[
        str,
        typer.Option(
            metavar="DURATION",
            help="How long the rollout may stand still [default: its progress deadline and three intervals].",
        ),
    ] = "",
    format_: Annotated[
        TextOrJson, typer.Option("--format", help="Output format; json prints a line per change.")
    ] = "text",
) -> None:
    """Follow a rollout; exit 0 when it is promoted, 1 when it is rolled back, stuck or timed out."""
    from chartgen.cli import run_watch
    from chartgen.cluster.watching.rollout import Limits
    from chartgen.planning.amounts import seconds_of

    limits = Limits(
        start=seconds_of(start_within, "--start-within") if start_within else None,
        stuck=seconds_of(stuck_after, "--stuck-after") if stuck_after else None,
        timeout=seconds_of(timeout, "--timeout"),
    )
    source = cluster.connected(kubeconfig, cluster_context, prometheus)
    raise typer.Exit(run_watch.run(source, namespace, canary, limits, format_))
