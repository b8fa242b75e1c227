"""Runs `chartgen preflight`: renders the chart, asks the cluster or reads its dumps, prints the checks."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.api.plan_canaries import canary_contexts
from chartgen.api.plan_request import STDIN
from chartgen.charts.load import load_chart
from chartgen.cli import exit_codes
from chartgen.cli.cluster_options import connected, kubectl_words
from chartgen.cli.dumps import read_dumps
from chartgen.cli.output import note, write_result
from chartgen.cluster.access.dump import dump_commands
from chartgen.cluster.access.rbac import roles, subject_of
from chartgen.cluster.preflight.check import Status
from chartgen.cluster.preflight.configuration import cluster_settings, with_settings
from chartgen.cluster.preflight.reference_checks import secrets_of
from chartgen.cluster.preflight.run import context_of, preflight
from chartgen.edits.plan import Plan
from chartgen.edits.transaction import apply
from chartgen.errors import ChartError, UsageError
from chartgen.escaping import json_text
from chartgen.helm.select import select_engine
from chartgen.inputs.files import read_named
from chartgen.reporters.preflight_formats import PREFLIGHT_FORMATS

if TYPE_CHECKING:
    from chartgen.api.plan_request import CanarySource
    from chartgen.cluster.access.source import Source
    from chartgen.helm.engine import Engine
    from chartgen.helm.select import HelmChoice
    from chartgen.planning.request import CanaryContext

_DEFAULT_DUMPS = "dumps"


@dataclass(frozen=True, slots=True)
class PreflightRequest:
    """One `preflight`. `named_release`: the release's name is the user's; `dumps`: a folder instead of a cluster."""

    source: CanarySource
    named_release: bool
    context: str
    kubeconfig: str
    prometheus: str
    dumps: Path | None
    write_config: Path | None


def run(request: PreflightRequest, helm: HelmChoice, format_name: str, output: Path | None) -> int:
    """Run one `preflight`; returns the exit code."""
    engine = select_engine(helm.program, helm.limits)
    contexts = _contexts(engine, request)
    source = _facts(engine, request)
    kubectl = kubectl_words(request.kubeconfig, request.context)
    keeps_service, release = _keeps_service(request.source.path), _release(request)
    results = [
        preflight(each.canary, each.objects, source, release=release, kubectl=kubectl, keeps_service=keeps_service)
        for each in contexts
    ]
    write_result(PREFLIGHT_FORMATS[format_name](results), output)
    if request.write_config:
        _write_config(contexts[0], source, request.write_config)
    return exit_codes.FOUND if any(result.of(Status.BLOCKER) for result in results) else exit_codes.OK


def _contexts(engine: Engine, request: PreflightRequest) -> list[CanaryContext]:
    if not request.source.path:
        raise UsageError("CHART is missing", hint="name a chart folder or .tgz, a manifest file, or - for stdin")
    return canary_contexts(engine, request.source, note)


def _facts(engine: Engine, request: PreflightRequest) -> Source:
    if request.dumps is None:
        return connected(request.kubeconfig, request.context, request.prometheus)
    clash = {"--context": request.context, "--kubeconfig": request.kubeconfig, "--prometheus": request.prometheus}
    for option, given in clash.items():
        if given:
            raise UsageError(f"--from and {option} exclude each other", hint=f"leave out {option}")
    return read_dumps(engine, request.dumps)


def _release(request: PreflightRequest) -> str:
    """The release's name, empty for manifests and if the user didn't name it: then nobody knows."""
    if request.named_release:
        return request.source.release_name
    if _is_chart(request.source.path):
        note(f"release name: {request.source.release_name}; set the real one with --release-name")
    return ""


def _is_chart(path: str) -> bool:
    return path != STDIN and (Path(path).is_dir() or path.endswith((".tgz", ".tar.gz")))


def _keeps_service(path: str) -> bool:
    """Whether the chart's templates look up the live Service, as those of add-canary do."""
    if not _is_chart(path):
        return False
    files = load_chart(path).files
    return any(b"lookup" in data and b'"Service"' in data for name, data in files.items() if "templates/" in name)


def _write_config(context: CanaryContext, source: Source, file: Path) -> None:
    settings = cluster_settings(context_of(context.canary, context.objects, source))
    if not settings:
        raise ChartError(f"{file}: the cluster says nothing that lint needs", hint="grant the rights of --rbac")
    before = read_named(file) if file.exists() else None
    plan = Plan.of(
        file.absolute().parent,
        {} if before is None else {file.name: before},
        {file.name: with_settings(before, settings, str(file))},
    )
    if plan:
        apply(plan)
    note(f"{file}: cluster: has {', '.join(settings)}" if plan else f"{file}: cluster: is up to date")


def print_rbac(request: PreflightRequest, subject: str, helm: HelmChoice, output: Path | None) -> None:
    """Print the least rights; with a chart, those for its Secrets too."""
    secrets: list[tuple[str, str]] = []
    if request.source.path:
        for each in _contexts(select_engine(helm.program, helm.limits), request):
            secrets += secrets_of(each.objects)
    items = list(roles(secrets, subject_of(subject)))
    write_result(json_text({"apiVersion": "v1", "kind": "List", "items": items}), output)


def print_dump_commands(folder: Path | None, output: Path | None) -> None:
    """Print the commands that write dumps into the folder."""
    write_result(dump_commands(shlex.quote(str(folder or _DEFAULT_DUMPS))), output)


def require_alone(option: str, given: frozenset[str], checking: tuple[str, ...]) -> None:
    """UsageError if an option that only checks have is given beside one that checks nothing."""
    for other in checking:
        if other in given:
            raise UsageError(f"{option} can't be combined with {other}: it checks nothing", hint=f"leave out {other}")
