"""The options by which commands reach a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from chartgen.cluster.access.live import LiveSource

_CLUSTER = "Cluster"

Context = Annotated[
    str,
    typer.Option("--context", metavar="NAME", help="Context of the kubeconfig [default: its current one].",
                 rich_help_panel=_CLUSTER),
]  # fmt: skip
Kubeconfig = Annotated[
    str,
    typer.Option("--kubeconfig", metavar="FILE", rich_help_panel=_CLUSTER,
                 help="Kubeconfig [default: KUBECONFIG, ~/.kube/config, or the cluster that chartgen runs in]."),
]  # fmt: skip
Prometheus = Annotated[
    str,
    typer.Option("--prometheus", metavar="URL", rich_help_panel=_CLUSTER,
                 help="Prometheus to ask instead of Flagger's own, through the API server."),
]  # fmt: skip


def connected(kubeconfig: str, context: str, prometheus: str = "") -> LiveSource:
    """The cluster; ClusterError says why there is none."""
    from chartgen.cluster.access.live import connect

    source = connect(kubeconfig, context)
    source.prometheus_url = prometheus
    return source


def kubectl_words(kubeconfig: str, context: str) -> tuple[str, ...]:
    """kubectl with the options that reach the same cluster."""
    chosen = (("--kubeconfig", kubeconfig), ("--context", context))
    return ("kubectl", *(word for option, value in chosen if value for word in (option, value)))
