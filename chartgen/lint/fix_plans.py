"""Plan the fixes of all charts and files under the paths; an error in one doesn't stop the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from chartgen.edits.plan import Plan
from chartgen.edits.transaction import recover
from chartgen.errors import ChartgenError, ConfigError, InternalError, UsageError
from chartgen.lint.fixing.fixer import apply_fixes
from chartgen.lint.helm_releases import found_charts
from chartgen.lint.manifest_files import holds_flagger_objects
from chartgen.lint.prepare import prepare_chart, prepare_manifests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from chartgen.helm.engine import Engine
    from chartgen.lint.finding import Finding
    from chartgen.lint.fixing.editable_source import EditableSource
    from chartgen.lint.fixing.fixer import RefusedFix
    from chartgen.lint.prepare import Prepared
    from chartgen.lint.request import LintRequest
    from chartgen.rules.fix import Safety


@dataclass(frozen=True, slots=True)
class FixPlan:
    """The changes to one chart or file; `undone` are files that an interrupted run had left changed.

    `note` says why a chart isn't fixed, `error` why it can't be read.
    """

    path: Path
    plan: Plan
    made: tuple[Finding, ...] = ()
    refused: tuple[RefusedFix, ...] = ()
    undone: tuple[str, ...] = ()
    note: str | None = None
    error: ChartgenError | None = None

    @classmethod
    def none(cls, path: Path, *, note: str | None = None, error: ChartgenError | None = None) -> FixPlan:
        """Nothing to write."""
        return cls(path, Plan(path, ()), note=note, error=error)


@dataclass(frozen=True, slots=True)
class FixRequest:
    """Which fixes to apply: those of `safeties`, except for findings in a baseline (`known` fingerprints).

    `undo` restores the files that an interrupted run left changed, and returns them; a dry run refuses instead.
    """

    safeties: tuple[Safety, ...]
    known: frozenset[str] = frozenset()
    undo: Callable[[Path], tuple[str, ...]] = recover


def fix_plans(engine: Engine, paths: Iterable[Path], request: LintRequest, fixes: FixRequest) -> Iterator[FixPlan]:
    """A plan for each chart and file of manifests, empty for one that can't be read or isn't fixed."""
    found = found_charts(paths, request)
    if found.error:
        raise found.error
    for path in found.charts:
        make_plan = partial(_plan_chart, engine, path, found.arguments.get(path), request, fixes)
        yield _guard(path, request, make_plan)
    for path in found.outside:
        if holds_flagger_objects(path):
            yield _guard(path, request, lambda path=path: _plan_manifests(engine, path, request, fixes))  # type: ignore[misc]


def _guard(path: Path, request: LintRequest, make_plan: Callable[[], FixPlan]) -> FixPlan:
    """The plan, or an empty one with its error; raises a UsageError, which is the same for every chart."""
    try:
        return make_plan()
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


def _plan_chart(engine: Engine, path: Path, argument: Path | None, request: LintRequest, fixes: FixRequest) -> FixPlan:
    undone = fixes.undo(path) if path.is_dir() else ()
    prepared = prepare_chart(engine, path, request, argument)
    if prepared.releases.chart.packaged:
        note = f"{path.as_posix()}: packaged charts aren't fixed; unpack it first"
        return FixPlan.none(path, note=note)
    return replace(_plan_fixes(engine, path, prepared, fixes), undone=undone)


def _plan_manifests(engine: Engine, path: Path, request: LintRequest, fixes: FixRequest) -> FixPlan:
    undone = fixes.undo(path.parent)
    return replace(_plan_fixes(engine, path, prepare_manifests(engine, path, request), fixes), undone=undone)


def _plan_fixes(engine: Engine, path: Path, prepared: Prepared, fixes: FixRequest) -> FixPlan:
    """The fixes of every finding that is neither ignored nor in the baseline."""
    source = prepared.source
    if source is None:
        return FixPlan.none(path)

    def findings(edited: EditableSource) -> Iterable[Finding]:
        filtered, _ = prepared.filtered_findings(engine, edited)
        return [finding for finding in filtered.findings if finding.fingerprint not in fixes.known]

    fixed = apply_fixes(source, prepared.settings.proof_rules, findings, fixes.safeties)
    return FixPlan(path, Plan.of(source.root, source.files, fixed.source.files), fixed.made, fixed.refused)
