"""Lint charts, each in all its releases; an error in one doesn't stop the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.config.config import Config
from chartgen.config.selection import selected
from chartgen.errors import ChartError, ChartgenError, ConfigError, HelmError, InputError, InternalError, UsageError
from chartgen.lint.finding import CheckedChart, Collected, LintResult
from chartgen.lint.fixing.fixer import with_proven_fixes
from chartgen.lint.helm_releases import ChartsByName, found_charts, found_releases, not_checked
from chartgen.lint.manifest_files import holds_flagger_objects
from chartgen.lint.prepare import prepare_chart, prepare_manifests, prepare_release, prepare_text
from chartgen.lint.request import ChartSettings
from chartgen.lint.run_rules import internal_error_finding, unreadable_finding
from chartgen.lint.unparsed import unparsed_note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chartgen.charts.discover import Discovery
    from chartgen.helm.engine import Engine
    from chartgen.lint.finding import Finding, Limits
    from chartgen.lint.prepare import Prepared
    from chartgen.lint.request import LintRequest


class _Run:
    """One run over several charts and files."""

    def __init__(self, engine: Engine, request: LintRequest) -> None:
        self._engine = engine
        self._request = request
        self._collected = Collected()
        self._checked: list[CheckedChart] = []
        self._notes: list[str] = []
        self._errors: dict[str, ChartgenError] = {}
        self._suppressed = 0
        self._unchecked = 0
        selected(request.select, request.ignore)  # unknown names are rejected before anything is read

    def check(self, path: Path, prepare: Callable[[], Prepared]) -> None:
        """Check one chart or file. Errors are reported, and the run continues."""
        try:
            self._add(prepare())
        except ConfigError as error:
            if self._request.config:
                raise
            self._errors.setdefault(error.message, error)
        except UsageError:
            raise
        except (ChartError, HelmError, InputError) as error:
            settings = ChartSettings.of(self._request, self._request.config_at(path))
            filtered, hidden = settings.filter_findings([unreadable_finding(path, error)], {})
            self._suppressed += hidden
            self._add_failure(path, filtered.findings, settings.limits)
        except Exception as error:  # noqa: BLE001 - a mistake of chartgen in one chart must not silence the others
            internal = InternalError.of(error)
            self._errors.setdefault(f"{path}: {internal.message}", internal)
            # Reading its configuration can be what failed, so only the options count.
            self._add_failure(path, (internal_error_finding(path, internal),), self._request.limits(Config()))

    def report(self, path: Path, findings: Iterable[Finding]) -> None:
        """Findings of a file that is no chart and holds no manifests to check."""
        settings = ChartSettings.of(self._request, self._request.config_at(path))
        selected_rules = {rule.id for rule in settings.rules}
        filtered, hidden = settings.filter_findings([each for each in findings if each.rule in selected_rules], {})
        self._suppressed += hidden
        for finding in filtered.findings:
            self._collected.add(replace(finding, limits=settings.limits))

    def fail(self, error: ChartgenError) -> None:
        """Report an error that concerns none of the charts."""
        self._errors.setdefault(error.message, error)

    def note(self, text: str) -> None:
        self._notes.append(text)

    def leave_out(self) -> None:
        """Count a release that isn't checked."""
        self._unchecked += 1

    def result(self) -> LintResult:
        """The result of the run. Raises the first error if no chart could be checked."""
        if self._errors and not self._checked:
            raise next(iter(self._errors.values()))
        return LintResult(
            self._collected.sorted(),
            tuple(self._checked),
            tuple(dict.fromkeys(self._notes)),
            self._suppressed,
            tuple(self._errors.values()),
            self._unchecked,
        )

    def _add(self, prepared: Prepared) -> None:
        """Add the findings that nothing exempts, each with its proven fix."""
        releases, settings = prepared.releases, prepared.settings
        filtered, hidden = prepared.filtered_findings(self._engine)
        source = prepared.source
        findings = filtered.findings
        if source:
            findings = tuple(with_proven_fixes(source, findings, settings.proof_rules))
        self._checked.append(
            CheckedChart(
                prepared.path,
                releases.chart.name,
                releases.has_canary,
                len(releases.renderings),
                is_file=not releases.chart.files or prepared.release_line is not None,
            )
        )
        self._suppressed += hidden
        self._notes += (*settings.config.notes, *filtered.notes, *unparsed_note(releases))
        for finding in findings:
            self._collected.add(replace(finding, limits=settings.limits))

    def _add_failure(self, path: Path, findings: Iterable[Finding], limits: Limits) -> None:
        """Add the findings for a chart that couldn't be checked."""
        self._checked.append(CheckedChart(path.as_posix(), path.name, has_canary=False, renderings=0))
        for finding in findings:
            self._collected.add(replace(finding, limits=limits))


def lint_paths(engine: Engine, paths: Iterable[Path], request: LintRequest) -> LintResult:
    """Lint every chart under the paths. A path without a chart is an error of the result, or raised if it is alone."""
    run = _Run(engine, request)
    found = found_charts(paths, request)
    if found.error:
        run.fail(found.error)
    for path in found.charts:
        run.check(path, lambda path=path: prepare_chart(engine, path, request, found.arguments.get(path)))  # type: ignore[misc]
    releases = _check_releases(
        run, engine, [*found.outside, *(path for path in paths if path.is_dir())], request, found
    )
    for path in found.outside:
        if holds_flagger_objects(path):
            run.check(path, lambda path=path: prepare_manifests(engine, path, request))  # type: ignore[misc]
        elif path not in releases:
            run.note(f"{path}: {'no chart in this folder' if path.is_dir() else 'belongs to no chart, skipped'}")
    return run.result()


def _check_releases(
    run: _Run, engine: Engine, paths: Iterable[Path], request: LintRequest, found: Discovery
) -> set[Path]:
    """Check the releases in files, each with its chart; the paths that have any."""
    charts = ChartsByName(dict(request.charts), found.charts)
    seen: set[Path] = set()
    for path in dict.fromkeys(paths):
        for release in found_releases(path, charts):
            seen.add(path)
            if release.chart is not None:
                run.check(release.file, lambda release=release: prepare_release(engine, release, request))  # type: ignore[misc]
                for text in release.notes:
                    run.note(text)
            elif release.must_be_reported:
                run.report(release.file, [not_checked(release)])
            else:
                run.leave_out()
    return seen


def lint_text(engine: Engine, text: str, name: str, request: LintRequest) -> LintResult:
    """Lint rendered manifests, as `chartgen lint -` reads them; `name` is the path in findings."""
    run = _Run(engine, request)
    if not text.strip():
        raise UsageError(f"{name}: nothing to lint", hint="pipe rendered manifests into it")
    run.check(Path(name), lambda: prepare_text(engine, text, name, request))
    return run.result()
