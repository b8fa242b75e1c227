"""`chartgen lint`: options to a request, findings to stdout and files, severity to the exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chartgen.cli import options as shared

_SELECT = typer.Option(metavar="RULE|TAG", help="Run only these rules (repeatable).")
_FAIL_ON = typer.Option(
    metavar="error|warning|info|never", help="Exit 1 for findings of this severity or worse [default: warning]."
)
_MIN_SEVERITY = typer.Option(
    metavar="error|warning|info", help="Print only findings of this severity or worse [default: info]."
)
_BASELINE = typer.Option(metavar="FILE", help="Findings listed there are known and do not count.")
_CONFIG = typer.Option(
    metavar="FILE", envvar="CHARTGEN_CONFIG", help="Configuration to read instead of the nearest chartgen.yaml."
)
_COLOR = typer.Option(metavar="auto|always|never", help="Colours and links in the format text.")
_SHOW_CONFIG = typer.Option("--show-config", help="Print the settings that hold for each path, and exit 0.")
_ALLOW_EMPTY = typer.Option("--allow-empty", help="A folder without a chart is no error.")
_IGNORE = typer.Option(metavar="RULE|TAG", help="Leave these rules out (repeatable).")
_FIX = typer.Option("--fix", help="Make the safe fixes, then report what is left.")
_UNSAFE = typer.Option("--unsafe-fixes", help="Make also the fixes that somebody should look at (means --fix).")
_DIFF = typer.Option("--diff", help="Print what fixing would change and write nothing; exit 1 if it would.")
_NON_ZERO = typer.Option("--exit-non-zero-on-fix", help="Exit 1 too where something was fixed (for hooks).")


def lint(
    paths: Annotated[
        list[Path], typer.Argument(help="Charts or folders of charts, files in charts, .tgz, manifests, - for stdin.")
    ],
    namespace: Annotated[
        list[str] | None,
        typer.Option("-n", "--namespace", help="Namespace a Canary may stand in (repeatable) [default: the gate's]."),
    ] = None,
    select: Annotated[list[str] | None, _SELECT] = None,
    ignore: Annotated[list[str] | None, _IGNORE] = None,
    fail_on: Annotated[str | None, _FAIL_ON] = None,
    min_severity: Annotated[str | None, _MIN_SEVERITY] = None,
    format_: Annotated[str, typer.Option("--format", metavar="FORMAT", help="What stdout gets.")] = "text",
    report: Annotated[
        list[str] | None, typer.Option(metavar="FORMAT=PATH", help="Write a report too (repeatable).")
    ] = None,
    color: Annotated[str, _COLOR] = "auto",
    baseline: Annotated[Path | None, _BASELINE] = None,
    write_baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all findings there as known, and exit 0.")
    ] = None,
    fix: Annotated[bool, _FIX] = False,
    unsafe_fixes: Annotated[bool, _UNSAFE] = False,
    diff: Annotated[bool, _DIFF] = False,
    exit_non_zero_on_fix: Annotated[bool, _NON_ZERO] = False,
    config: Annotated[Path | None, _CONFIG] = None,
    no_config: Annotated[bool, typer.Option("--no-config", help="Read no configuration.")] = False,
    show_config: Annotated[bool, _SHOW_CONFIG] = False,
    allow_empty: Annotated[bool, _ALLOW_EMPTY] = False,
    flagger_version: Annotated[str, typer.Option(metavar="VERSION", help="Release of the cluster's Flagger.")] = "",
    stdin_filename: Annotated[str, typer.Option(metavar="PATH", help="What findings call the text of `-`.")] = "-",
    release_name: shared.ReleaseName = "release-name",
    values: shared.Values = [],  # noqa: B006 - Typer copies defaults
    set_: shared.Set = [],  # noqa: B006
    set_string: shared.SetString = [],  # noqa: B006
    set_file: shared.SetFile = [],  # noqa: B006
    set_json: shared.SetJson = [],  # noqa: B006
    kube_version: shared.KubeVersion = "",
    api_versions: shared.ApiVersions = [],  # noqa: B006
    helm: shared.Helm = "auto",
) -> None:
    """Find the mistakes of charts' canaries, each at the line that made it."""
    from chartgen.cli import run_fix, run_lint
    from chartgen.helm.request import RenderRequest, with_api_versions

    base = RenderRequest(
        release_name=release_name,
        sources=shared.value_sources(values, set_, set_string, set_file, set_json),
        kube_version=kube_version or None,
        api_versions=with_api_versions(api_versions),
    )
    rules = run_lint.RuleChoice(
        tuple(select or ()), tuple(ignore or ()), flagger_version or None, config, no_config, show_config, allow_empty
    )
    output = run_lint.Output(
        format_, tuple(report or ()), fail_on, min_severity, stdin_filename, baseline, write_baseline, color
    )
    fixing = run_fix.Fixing(fix, unsafe_fixes, diff, exit_non_zero_on_fix)
    raise typer.Exit(run_lint.run(paths, base, tuple(namespace or ()), rules, output, helm=helm, fixing=fixing))
