"""`chartgen lint`: the options of the command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chartgen.api.settings import FailOn, MinSeverity
from chartgen.cli import completion
from chartgen.cli import options as shared
from chartgen.cli.choices import ColorChoice, LintFormat

if TYPE_CHECKING:
    from chartgen.api.settings import LintSettings

_RULES, _OUTPUT, _CONFIG_FILE, _FIXES = "Rules", "Output", "Configuration", "Fixes"

_SELECT = typer.Option(
    autocompletion=completion.rules_and_tags,
    metavar="RULE|TAG",
    rich_help_panel=_RULES,
    help="Run only these rules (repeatable).",
)
_IGNORE = typer.Option(
    autocompletion=completion.rules_and_tags,
    metavar="RULE|TAG",
    rich_help_panel=_RULES,
    help="Skip these rules (repeatable).",
)
_FAIL_ON = typer.Option(
    rich_help_panel=_OUTPUT, help="Exit 1 for findings of this severity or higher [default: warning]."
)
_MIN_SEVERITY = typer.Option(
    rich_help_panel=_OUTPUT, help="Print only findings of this severity or higher [default: info]."
)
_REPORT = typer.Option(
    autocompletion=completion.reports,
    metavar="FORMAT=PATH",
    rich_help_panel=_OUTPUT,
    help="Also write a report to a file (repeatable).",
)
_COLOR = typer.Option(rich_help_panel=_OUTPUT, help="Colors and links in the text format.")
_BASELINE = typer.Option(metavar="FILE", rich_help_panel=_OUTPUT, help="Hide the findings listed in FILE.")
_WRITE_BASELINE = typer.Option(
    metavar="FILE", rich_help_panel=_OUTPUT, help="Write all findings to FILE as a baseline, and exit 0."
)
_CONFIG = typer.Option(
    metavar="FILE",
    envvar="CHARTGEN_CONFIG",
    rich_help_panel=_CONFIG_FILE,
    help="Configuration to read instead of the nearest chartgen.yaml.",
)
_NO_CONFIG = typer.Option("--no-config", rich_help_panel=_CONFIG_FILE, help="Don't read any configuration.")
_SHOW_CONFIG = typer.Option(
    "--show-config", rich_help_panel=_CONFIG_FILE, help="Print the settings that apply to each path, and exit 0."
)
_ALLOW_EMPTY = typer.Option("--allow-empty", help="Accept folders without a chart.")
_CHART = typer.Option(
    "--chart", metavar="NAME=PATH", help="Chart that HelmReleases and Applications call NAME (repeatable)."
)
_FIX = typer.Option("--fix", rich_help_panel=_FIXES, help="Apply the safe fixes, then report what is left.")
_UNSAFE = typer.Option(
    "--unsafe-fixes", rich_help_panel=_FIXES, help="Apply the fixes that need a review too (implies --fix)."
)
_DIFF = typer.Option(
    "--diff", rich_help_panel=_FIXES, help="Print the fixes as a diff and write nothing; exit 1 if there are any."
)
_NON_ZERO = typer.Option(
    "--exit-non-zero-on-fix", rich_help_panel=_FIXES, help="Exit 1 if a fix was applied (for hooks)."
)
_THOROUGH = typer.Option(
    "--thorough", help="Render the charts, too, whose files mention neither flagger.app nor Canary."
)
_QUIET = typer.Option("-q", "--quiet", rich_help_panel=_OUTPUT, help="Print no progress and no summary.")
_NO_CACHE = typer.Option("--no-cache", help="Don't use or store results of earlier runs.")
_FLAGGER = typer.Option(
    metavar="VERSION", rich_help_panel=_RULES, help="Flagger release that the cluster runs [default: the newest known]."
)
_STDIN_NAME = typer.Option(
    metavar="PATH", rich_help_panel=_OUTPUT, help="Path that findings in standard input are reported under."
)
_DOCS = typer.Option(
    metavar="URL",
    rich_help_panel=_OUTPUT,
    help="Address of chartgen's documentation, for the links to rules [default: the installed package's, if any].",
)


def lint(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...", help="Charts, folders of charts, files in charts, .tgz, manifests; - for stdin."
        ),
    ],
    namespace: Annotated[
        list[str] | None,
        typer.Option("-n", "--namespace", help="Namespace to render in (repeatable) [default: each of the gate's]."),
    ] = None,
    select: Annotated[list[str] | None, _SELECT] = None,
    ignore: Annotated[list[str] | None, _IGNORE] = None,
    fail_on: Annotated[FailOn | None, _FAIL_ON] = None,
    min_severity: Annotated[MinSeverity | None, _MIN_SEVERITY] = None,
    format_: Annotated[
        LintFormat, typer.Option("--format", rich_help_panel=_OUTPUT, help="Format of stdout.")
    ] = "text",
    report: Annotated[list[str] | None, _REPORT] = None,
    color: Annotated[ColorChoice, _COLOR] = "auto",
    baseline: Annotated[Path | None, _BASELINE] = None,
    write_baseline: Annotated[Path | None, _WRITE_BASELINE] = None,
    fix: Annotated[bool, _FIX] = False,
    unsafe_fixes: Annotated[bool, _UNSAFE] = False,
    diff: Annotated[bool, _DIFF] = False,
    exit_non_zero_on_fix: Annotated[bool, _NON_ZERO] = False,
    config: Annotated[Path | None, _CONFIG] = None,
    no_config: Annotated[bool, _NO_CONFIG] = False,
    show_config: Annotated[bool, _SHOW_CONFIG] = False,
    allow_empty: Annotated[bool, _ALLOW_EMPTY] = False,
    chart: Annotated[list[str] | None, _CHART] = None,
    thorough: Annotated[bool, _THOROUGH] = False,
    quiet: Annotated[bool, _QUIET] = False,
    _no_cache: Annotated[bool, _NO_CACHE] = False,  # read before the options are (remembered.py)
    flagger_version: Annotated[str, _FLAGGER] = "",
    docs_url: Annotated[str, _DOCS] = "",
    stdin_filename: Annotated[str, _STDIN_NAME] = "-",
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
    """Find mistakes in the canaries of charts, each at the line that causes it."""
    from chartgen.cli import fixing as fix_options
    from chartgen.cli import run_lint

    settings: LintSettings = {
        "namespace": namespace, "select": select, "ignore": ignore, "fail_on": fail_on, "min_severity": min_severity,
        "config": config, "no_config": no_config, "allow_empty": allow_empty, "chart": chart, "thorough": thorough,
        "flagger_version": flagger_version, "release_name": release_name, "values": values, "set": set_,
        "set_string": set_string, "set_file": set_file, "set_json": set_json, "kube_version": kube_version,
        "api_versions": api_versions,
    }  # fmt: skip
    output = run_lint.Output(
        format_,
        tuple(report or ()),
        stdin_filename,
        baseline,
        write_baseline,
        color,
        quiet,
        show_config=show_config,
        docs_url=shared.docs_site(docs_url),
    )
    fixing = fix_options.Fixing(fix, unsafe_fixes, diff, exit_non_zero_on_fix)
    session = shared.session(helm, render_timeout, render_memory)
    raise typer.Exit(run_lint.run(paths, settings, session, output, fixing=fixing, remembered=context.obj))
