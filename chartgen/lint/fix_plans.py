"""The fixes of all charts and files that paths mean, as plans: what cannot be read or fixed never stops the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from chartgen.charts.discover import discover
from chartgen.edits.plan import Plan
from chartgen.edits.transaction import recover
from chartgen.errors import ChartgenError, ConfigError, InternalError, UsageError
from chartgen.lint.fixing.fixer import fixed
from chartgen.lint.manifest_files import holds_flagger_objects
from chartgen.lint.prepare import prepare_chart, prepare_manifests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from chartgen.helm.engine import Engine
    from chartgen.lint.finding import Finding
    from chartgen.lint.fixing.editable_source import EditableSource
    from chartgen.lint.fixing.fixer import Refused
    from chartgen.lint.prepare import Prepared
    from chartgen.lint.request import LintRequest
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
    """Which fixes to make: those of `safeties`, but for findings that a baseline knows (by fingerprint).

    `undo` undoes what an interrupted run left in a chart, and returns the files put back; a dry run refuses.
    """

    safeties: tuple[Safety, ...]
    known: frozenset[str] = frozenset()
    undo: Callable[[Path], tuple[str, ...]] = recover


def fix_plans(engine: Engine, paths: Iterable[Path], request: LintRequest, fixes: FixRequest) -> Iterator[FixPlan]:
    """A plan for each chart and file of manifests, empty for what cannot be read or is not to be fixed."""
    found = discover(paths, allow_empty=request.allow_empty)
    for path in found.charts:
        within = found.arguments.get(path)
        make = partial(_of_chart, engine, path, within, request, fixes)
        yield _guarded(path, request, make)
    for path in found.outside:
        if holds_flagger_objects(path):
            yield _guarded(path, request, lambda path=path: _of_manifests(engine, path, request, fixes))  # type: ignore[misc]


def _guarded(path: Path, request: LintRequest, make: Callable[[], FixPlan]) -> FixPlan:
    """The plan, or an empty one with its error; UsageError where that would be the same for every chart."""
    try:
        return make()
    except ConfigError as error:
        if request.config:
            raise
        return FixPlan.none(path, error=error)
    except UsageError:
        raise
    except ChartgenError as error:
        return FixPlan.none(path, error=error)
    except Exception as error:  # noqa: BLE001 - a mistake of chartgen in one chart must not stop the others
        return FixPlan.none(path, error=InternalError.of(error))


def _of_chart(engine: Engine, path: Path, argument: Path | None, request: LintRequest, fixes: FixRequest) -> FixPlan:
    undone = fixes.undo(path) if path.is_dir() else ()
    prepared = prepare_chart(engine, path, request, argument)
    if prepared.releases.chart.packaged:
        note = f"{path.as_posix()}: packaged charts aren't fixed; unpack it first"
        return FixPlan.none(path, note=note)
    return replace(_planned(engine, path, prepared, fixes), undone=undone)


def _of_manifests(engine: Engine, path: Path, request: LintRequest, fixes: FixRequest) -> FixPlan:
    undone = fixes.undo(path.parent)
    return replace(_planned(engine, path, prepare_manifests(engine, path, request), fixes), undone=undone)


def _planned(engine: Engine, path: Path, prepared: Prepared, fixes: FixRequest) -> FixPlan:
    """The fixes of every finding that counts: not ignored, and not in the baseline."""
    source = prepared.source
    if source is None:
        return FixPlan.none(path)

    def findings(edited: EditableSource) -> Iterable[Finding]:
        kept, _ = prepared.kept(engine, edited)
        return [finding for finding in kept.findings if finding.fingerprint not in fixes.known]

    done = fixed(source, prepared.settings.judges, findings, fixes.safeties)
    return FixPlan(path, Plan.of(source.root, source.files, done.bench.files), done.made, done.refused)
