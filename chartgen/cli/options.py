"""Options that mean the same in every subcommand: which values, which release, which Helm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from chartgen.helm.request import ValueSources

Values = Annotated[list[str], typer.Option("-f", "--values", metavar="FILE", help="Values file (repeatable).")]
Set = Annotated[list[str], typer.Option("--set", metavar="KEY=VALUE", help="Set a value (repeatable).")]
SetString = Annotated[list[str], typer.Option("--set-string", metavar="KEY=VALUE", help="Set a string value.")]
SetFile = Annotated[list[str], typer.Option("--set-file", metavar="KEY=PATH", help="Set a value from a file.")]
SetJson = Annotated[list[str], typer.Option("--set-json", metavar="KEY=JSON", help="Set a JSON value.")]
ReleaseName = Annotated[str, typer.Option("--release-name", metavar="NAME", help="Name of the release.")]
KubeVersion = Annotated[
    str, typer.Option("--kube-version", metavar="VERSION", help="Kubernetes version the chart is told.")
]
ApiVersions = Annotated[
    list[str], typer.Option("-a", "--api-versions", metavar="API", help="API version the server is said to know.")
]
Helm = Annotated[
    str,
    typer.Option("--helm", envvar="CHARTGEN_HELM", metavar="auto|embedded|PATH", help="Which Helm reads the chart."),
]


def value_sources(
    values: list[str], set_: list[str], set_string: list[str], set_file: list[str], set_json: list[str]
) -> ValueSources:
    """The `-f`, `--set…` options as one request part."""
    from chartgen.helm.request import ValueSources

    return ValueSources(tuple(values), tuple(set_json), tuple(set_), tuple(set_string), tuple(set_file))
