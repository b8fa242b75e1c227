"""The fixes of all charts and files that paths mean, as plans: what cannot be read or fixed never stops the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.charts.discover import discover
from chartgen.charts.load import load_chart
from chartgen.charts.vendored import with_subcharts_opened
from chartgen.edits.plan import Plan
from chartgen.edits.transaction import recover
from chartgen.errors import ChartgenError, UsageError
from chartgen.lint.engine import ChartSettings
from chartgen.lint.fixing.editable_source import EditableChart, EditableManifests
from chartgen.lint.fixing.fixer import fixed
from chartgen.lint.manifest_files import is_plain, plain_releases, read_plain
from chartgen.lint.matrix import render_matrix
from chartgen.lint.run_rules import findings_of
from chartgen.lint.sources import texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from chartgen.helm.engine import Engine
    from chartgen.lint.engine import LintRequest
    from chartgen.lint.finding import Finding
    from chartgen.lint.fixing.editable_source import EditableSource
    from chartgen.lint.fixing.fixer import Refused
    from chartgen.rules.fix import Safety


@dataclass(frozen=True, slots=True)
class FixPlan:
    """What is to be written for one chart or file; `undone` are files that an interrupted run had left changed.

    `note` says why a chart is not looked at, and `error` what keeps it from being read.
    """

    path: Path
    plan: Plan
    made: tuple[Finding, ...] = ()
    refused: tuple[Refused, ...] = ()
    undone: tuple[str, ...] = ()
    note: str | None = None
    error: ChartgenError | None = None

    @classmethod
    def none(cls, path: Path, *, note: str | None = None, error: ChartgenError | None = None) -> FixPlan:
        """Nothing to write."""
        return cls(path, Plan(path, ()), note=note, error=error)


@dataclass(frozen=True, slots=True)
class FixRequest:
    """Which fixes to make: those of `safeties`, but for findings that a baseline knows (by fingerprint)."""

    safeties: tuple[Safety, ...]
    known: frozenset[str] = frozenset()


def fix_plans(engine: Engine, paths: Iterable[Path], request: LintRequest, fixes: FixRequest) -> Iterator[FixPlan]:
    """A plan for each chart and file of manifests, empty for what cannot be read or is not to be fixed."""
    found = discover(paths, allow_empty=request.allow_empty)
    for path in found.charts:
        try:
            yield _of_chart(engine, path, request, fixes)
        except UsageError:
            raise
        except ChartgenError as error:
            yield FixPlan.none(path, error=error)
    for path in found.outside:
        if is_plain(path):
            try:
                yield _of_manifests(engine, path, request, fixes)
            except ChartgenError as error:
                yield FixPlan.none(path, error=error)


def _of_chart(engine: Engine, path: Path, request: LintRequest, fixes: FixRequest) -> FixPlan:
    settings = ChartSettings.of(request, request.config_at(path))
    undone = recover(path) if path.is_dir() else ()
    chart = with_subcharts_opened(load_chart(path))
    if chart.packaged:
        return FixPlan.none(path, note=f"{path.as_posix()}: is a packed chart and is not fixed: unpack it")
    if chart.library:
        return FixPlan.none(path)
    releases = render_matrix(engine, chart, request.base, settings.cluster.allowed_namespaces, settings.asked)
    files = settings.values_files(request)

    def texts(bench: EditableSource) -> dict[str, str]:
        return texts_of(bench.releases.chart, files)

    findings = _finder(engine, settings, fixes, texts)
    done = fixed(EditableChart.of(engine, releases), settings.judges, findings, fixes.safeties)
    return FixPlan(path, Plan.of(chart.root, chart.files, done.bench.files), done.made, done.refused, undone)


def _of_manifests(engine: Engine, path: Path, request: LintRequest, fixes: FixRequest) -> FixPlan:
    settings = ChartSettings.of(request, request.config_at(path))
    namespace = (settings.cluster.allowed_namespaces or (request.base.namespace,))[0]
    name = path.as_posix()
    releases = plain_releases(engine, read_plain(path), name, namespace)
    bench = EditableManifests(engine, releases, path, path.read_bytes(), namespace)

    def texts(bench: EditableSource) -> dict[str, str]:
        return {name: bench.files[path.name].decode("utf-8-sig")}

    done = fixed(bench, settings.judges, _finder(engine, settings, fixes, texts), fixes.safeties)
    return FixPlan(path, Plan.of(path.parent, bench.files, done.bench.files), done.made, done.refused)


def _finder(
    engine: Engine, settings: ChartSettings, fixes: FixRequest, texts: Callable[[EditableSource], Mapping[str, str]]
) -> Callable[[EditableSource], Iterable[Finding]]:
    """The findings on a bench that count: not ignored, and not known to the baseline."""

    def findings(bench: EditableSource) -> Iterable[Finding]:
        kept, _ = settings.kept(findings_of(engine, bench.releases, settings.rules), texts(bench))
        return [one for one in kept.findings if one.fingerprint not in fixes.known]

    return findings
