"""Options that every subcommand shares: values, release, Helm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

if TYPE_CHECKING:
    from chartgen.api.session import Session
    from chartgen.api.settings import AddCanarySettings
    from chartgen.helm.request import ValueSources
    from chartgen.helm.select import HelmChoice


def _release_name(name: str) -> str:
    from chartgen.api.names import release_name

    return release_name(name)


def namespace_name(name: str | None) -> str | None:
    """Check the namespace as Kubernetes does."""
    from chartgen.api import names

    return names.namespace_name(name)


def _kube_version(version: str) -> str:
    from chartgen.api.names import kube_version

    return kube_version(version)


def docs_site(url: str) -> str | None:
    """The address of the documentation, None without one. UsageError for one that no browser opens."""
    if url and not url.startswith(("https://", "http://")):
        from chartgen.errors import UsageError

        raise UsageError(f"--docs-url {url!r} isn't a web address", hint="begin it with https://")
    return url or None


RELEASE, HELM = "Release", "Helm"

Values = Annotated[
    list[str], typer.Option("-f", "--values", metavar="FILE", rich_help_panel=RELEASE, help="Values file (repeatable).")
]
Set = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", rich_help_panel=RELEASE, help="Set a value (repeatable).")
]
SetString = Annotated[
    list[str], typer.Option("--set-string", metavar="KEY=VALUE", rich_help_panel=RELEASE, help="Set a string value.")
]
SetFile = Annotated[
    list[str], typer.Option("--set-file", metavar="KEY=PATH", rich_help_panel=RELEASE, help="Set a value from a file.")
]
SetJson = Annotated[
    list[str], typer.Option("--set-json", metavar="KEY=JSON", rich_help_panel=RELEASE, help="Set a JSON value.")
]
ReleaseName = Annotated[
    str,
    typer.Option(
        "--release-name", metavar="NAME", callback=_release_name, rich_help_panel=RELEASE, help="Name of the release."
    ),
]
KubeVersion = Annotated[
    str,
    typer.Option(
        "--kube-version",
        metavar="VERSION",
        callback=_kube_version,
        rich_help_panel=RELEASE,
        help="Kubernetes version to render for.",
    ),
]
ApiVersions = Annotated[
    list[str],
    typer.Option(
        "-a",
        "--api-versions",
        metavar="API",
        rich_help_panel=RELEASE,
        help="API version to treat as served by the cluster (repeatable).",
    ),
]
Helm = Annotated[
    str,
    typer.Option(
        "--helm",
        envvar="CHARTGEN_HELM",
        metavar="auto|embedded|PATH",
        rich_help_panel=HELM,
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
        rich_help_panel=HELM,
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
        rich_help_panel=HELM,
        help="Memory Helm may use for one chart; 0 is no limit.",
    ),
]


def given_options(context: typer.Context) -> frozenset[str]:
    """The options of the running command that are on its command line: `--max-weight`."""
    sources = {param.opts[-1]: context.get_parameter_source(param.name or "") for param in context.command.params}
    return frozenset(option for option, source in sources.items() if source and source.name == "COMMANDLINE")


def only_given(context: typer.Context, settings: AddCanarySettings) -> AddCanarySettings:
    """The settings whose options are on the command line of the running command."""
    given = given_options(context)
    found = {name: value for name, value in settings.items() if f"--{name.replace('_', '-')}" in given}
    return cast("AddCanarySettings", found)


def helm_choice(helm: str, render_timeout: int, render_memory: int) -> HelmChoice:
    """The Helm options; `render_memory` in MiB."""
    from chartgen.helm.limits import MEBIBYTE, RenderLimits
    from chartgen.helm.select import HelmChoice

    return HelmChoice(helm, RenderLimits(render_timeout, render_memory * MEBIBYTE))


def value_sources(
    values: list[str], set_: list[str], set_string: list[str], set_file: list[str], set_json: list[str]
) -> ValueSources:
    """The `-f` and `--set…` options. Pipes are read here, since Helm reads them more than once."""
    from chartgen.api.session import Session

    return Session().value_sources(
        {"values": values, "set": set_, "set_string": set_string, "set_file": set_file, "set_json": set_json}
    )


def session(helm: str, render_timeout: int, render_memory: int) -> Session:
    """The session of a command that uses the API: remarks go to stderr."""
    from chartgen.api.session import Session
    from chartgen.cli.output import note

    return Session(helm=helm, render_timeout=render_timeout, render_memory=render_memory, on_note=note)
