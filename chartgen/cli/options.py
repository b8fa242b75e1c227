"""Options that every subcommand shares: values, release, Helm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from chartgen.errors import UsageError

if TYPE_CHECKING:
    from chartgen.helm.request import ValueSources
    from chartgen.helm.select import HelmChoice

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_LONGEST_RELEASE = 53
_LONGEST_NAMESPACE = 63


def _release_name(name: str) -> str:
    """Check the name as Helm does (pkg/chart/common/util: ValidateReleaseName); embedded Helm accepts any."""
    if name and (not re.fullmatch(rf"{_LABEL}(?:\.{_LABEL})*", name) or len(name) > _LONGEST_RELEASE):
        raise UsageError(
            f"--release-name {name!r} is not a valid Helm release name",
            hint=f"use lowercase letters, digits, '-' and '.', at most {_LONGEST_RELEASE}",
        )
    return name


def namespace_name(name: str | None) -> str | None:
    """Check the namespace as Kubernetes does."""
    if name is not None and (not re.fullmatch(_LABEL, name) or len(name) > _LONGEST_NAMESPACE):
        raise UsageError(
            f"--namespace {name!r} is not a valid namespace name",
            hint=f"use lowercase letters, digits and '-', at most {_LONGEST_NAMESPACE}",
        )
    return name


def _kube_version(version: str) -> str:
    if version and not re.fullmatch(r"v?\d+\.\d+(?:\.\d+)?(?:[-+][\w.+-]*)?", version):
        raise UsageError(f"--kube-version {version!r} is not a Kubernetes version", hint="write it as 1.31 or v1.31.2")
    return version


Values = Annotated[list[str], typer.Option("-f", "--values", metavar="FILE", help="Values file (repeatable).")]
Set = Annotated[list[str], typer.Option("--set", metavar="KEY=VALUE", help="Set a value (repeatable).")]
SetString = Annotated[list[str], typer.Option("--set-string", metavar="KEY=VALUE", help="Set a string value.")]
SetFile = Annotated[list[str], typer.Option("--set-file", metavar="KEY=PATH", help="Set a value from a file.")]
SetJson = Annotated[list[str], typer.Option("--set-json", metavar="KEY=JSON", help="Set a JSON value.")]
ReleaseName = Annotated[
    str, typer.Option("--release-name", metavar="NAME", callback=_release_name, help="Name of the release.")
]
KubeVersion = Annotated[
    str,
    typer.Option("--kube-version", metavar="VERSION", callback=_kube_version, help="Kubernetes version to render for."),
]
ApiVersions = Annotated[
    list[str],
    typer.Option(
        "-a", "--api-versions", metavar="API", help="API version to treat as served by the cluster (repeatable)."
    ),
]
Helm = Annotated[
    str,
    typer.Option(
        "--helm",
        envvar="CHARTGEN_HELM",
        metavar="auto|embedded|PATH",
        help="Helm to use: the embedded one or a program.",
    ),
]

RenderTimeout = Annotated[
    int,
    typer.Option(
        "--render-timeout",
        envvar="CHARTGEN_RENDER_TIMEOUT",
        metavar="SECONDS",
        min=0,
        max=86_400,
        help="Time Helm may take for one chart; 0 is no limit.",
    ),
]
RenderMemory = Annotated[
    int,
    typer.Option(
        "--render-memory",
        envvar="CHARTGEN_RENDER_MEMORY",
        metavar="MIB",
        min=0,
        max=1_048_576,
        help="Memory Helm may use for one chart; 0 is no limit.",
    ),
]


def given_options(context: typer.Context) -> frozenset[str]:
    """The options of the running command that are on its command line: `--max-weight`."""
    sources = {param.opts[-1]: context.get_parameter_source(param.name or "") for param in context.command.params}
    return frozenset(option for option, source in sources.items() if source and source.name == "COMMANDLINE")


def helm_choice(helm: str, render_timeout: int, render_memory: int) -> HelmChoice:
    """The Helm options; `render_memory` in MiB."""
    from chartgen.helm.limits import MEBIBYTE, RenderLimits
    from chartgen.helm.select import HelmChoice

    return HelmChoice(helm, RenderLimits(render_timeout, render_memory * MEBIBYTE))


def value_sources(
    values: list[str], set_: list[str], set_string: list[str], set_file: list[str], set_json: list[str]
) -> ValueSources:
    """The `-f` and `--set…` options. Pipes are read here, since Helm reads them more than once."""
    from chartgen.helm.request import ValueSources
    from chartgen.inputs.files import read_pipe, text_of

    piped = ((path, read_pipe(path)) for path in dict.fromkeys(values))
    edited = tuple((path, text_of(data, path)) for path, data in piped if data is not None)
    return ValueSources(tuple(values), tuple(set_json), tuple(set_), tuple(set_string), tuple(set_file), edited)
