"""Lint charts, each in all its releases; an error in one doesn't stop the others."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from chartgen.charts.discover import discover
from chartgen.charts.snapshot import Snapshot
from chartgen.config.config import Config
from chartgen.config.selection import selected
from chartgen.errors import ChartError, ConfigError, HelmError, InputError, InternalError, UsageError
from chartgen.helm.select import DeferredEngine
from chartgen.inputs.reads import reading
from chartgen.lint.finding import CheckedChart
from chartgen.lint.outcome import Collection, Outcome, failure, limited
from chartgen.lint.request import ChartSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chartgen.charts.discover import Discovery
    from chartgen.helm.engine import Engine
    from chartgen.lint.finding import Finding, LintResult
    from chartgen.lint.kept_outcomes import KeptOutcomes
    from chartgen.lint.prepare import Prepared
    from chartgen.lint.request import LintRequest


class Watcher(Protocol):
    """Somebody who waits for the result."""

    def begins(self, number: int, total: int, path: Path) -> None:
        """The chart with this number, from 0, is being checked."""

    def checked(self, findings: Iterable[Finding], following: Path | None) -> None:
        """All findings until now, in the order of reports, and the next chart."""


class _Checker:
    """Checks one chart or file after the other. Errors are part of the outcome, and the run continues."""

    def __init__(self, engine: Engine, request: LintRequest) -> None:
        self._engine = engine
        self._request = request
        selected(request.select, request.ignore)  # unknown names are rejected before anything is read

    def in_fork(self) -> _Checker:
        """The same with a Helm of its own."""
        return _Checker(
            self._engine.another() if isinstance(self._engine, DeferredEngine) else self._engine, self._request
        )

    def chart(self, path: Path, argument: Path | None) -> Outcome:
        """One chart in all its releases."""
        from chartgen.lint.prepare import prepare_chart

        with reading() as read:
            outcome = self.check(path, lambda: prepare_chart(self._engine, path, self._request, argument))
        return outcome._replace(read=frozenset(read))

    def check(self, path: Path, prepare: Callable[[], Prepared]) -> Outcome:
        """One chart or file of manifests."""
        try:
            return self._of(prepare())
        except ConfigError as error:
            if self._request.config:
                raise
            return Outcome(key=error.message, error=error)
        except UsageError:
            raise
        except (ChartError, HelmError, InputError) as error:
            from chartgen.lint.run_rules import unreadable_finding

            settings = ChartSettings.of(self._request, self._request.config_at(path))
            filtered, hidden = settings.filter_findings([unreadable_finding(path, error)], {})
            return failure(path, filtered.findings, settings.limits, suppressed=hidden)
        except Exception as error:  # noqa: BLE001 - a mistake of chartgen in one chart must not silence the others
            from chartgen.lint.run_rules import internal_error_finding

            internal = InternalError.of(error)
            # Reading its configuration can be what failed, so only the options count.
            limits = self._request.limits(Config())
            failed = failure(path, (internal_error_finding(path, internal),), limits)
            return failed._replace(key=f"{path}: {internal.message}", error=internal)

    def without_canary(self, path: Path, name: str, *, has_settings: bool) -> Outcome:
        """A chart that can't have a canary, after a look at its settings, if it may have any."""
        config = Config()
        try:
            if has_settings or self._request.config:
                config = self._request.config_at(path)
            if self._request.leaves_releases_open and config.releases():
                return self.chart(path, None)
        except ConfigError as error:
            if self._request.config:
                raise
            return Outcome(key=error.message, error=error)
        return Outcome(checked=CheckedChart(path.as_posix(), name, has_canary=False, renderings=0), notes=config.notes)

    def releases(self, paths: Iterable[Path], found: Discovery) -> Iterator[tuple[Path, Outcome]]:
        """The releases in files, each with its chart, and the path that led to each. Their charts can be anywhere."""
        from chartgen.lint.helm_releases import ChartsByName, found_releases, not_checked
        from chartgen.lint.prepare import prepare_release

        charts = ChartsByName(dict(self._request.charts), found.charts)
        for path in dict.fromkeys(paths):
            for release in found_releases(path, charts):
                if release.chart is not None:
                    prepare = partial(prepare_release, self._engine, release, self._request)
                    outcome = self.check(release.file, prepare)
                    outcome = outcome._replace(notes=(*outcome.notes, *release.notes))
                elif release.must_be_reported:
                    outcome = self._report(release.file, [not_checked(release)])
                else:
                    outcome = Outcome(unchecked=1)
                yield path, outcome._replace(lasts=False)

    def outside(self, path: Path, *, has_releases: bool) -> Outcome:
        """A file that is in no chart."""
        from chartgen.lint.manifest_files import holds_flagger_objects

        if holds_flagger_objects(path):
            from chartgen.lint.prepare import prepare_manifests

            return self.check(path, lambda: prepare_manifests(self._engine, path, self._request))
        where = "no chart in this folder" if path.is_dir() else "belongs to no chart, skipped"
        return Outcome() if has_releases else Outcome(notes=(f"{path}: {where}",))

    def _report(self, path: Path, findings: Iterable[Finding]) -> Outcome:
        """Findings of a file that is no chart and holds no manifests to check."""
        settings = ChartSettings.of(self._request, self._request.config_at(path))
        selected_rules = {rule.id for rule in settings.rules}
        filtered, hidden = settings.filter_findings([each for each in findings if each.rule in selected_rules], {})
        return Outcome(limited(filtered.findings, settings.limits), suppressed=hidden)

    def _of(self, prepared: Prepared) -> Outcome:
        """The findings that nothing exempts, each with its proven fix."""
        from chartgen.lint.unparsed import unparsed_note

        releases, settings = prepared.releases, prepared.settings
        filtered, hidden = prepared.filtered_findings(self._engine)
        findings = filtered.findings
        source = prepared.source if any(finding.requested_fix for finding in findings) else None
        if source:
            from chartgen.lint.fixing.fixer import with_proven_fixes

            findings = tuple(with_proven_fixes(source, findings, settings.proof_rules))
        chart = CheckedChart(
            prepared.path,
            releases.chart.name,
            releases.has_canary,
            len(releases.renderings),
            is_file=not releases.chart.files or prepared.release_line is not None,
        )
        notes = (*settings.config.notes, *filtered.notes, *unparsed_note(releases))
        return Outcome(limited(findings, settings.limits), chart, notes, hidden)


def lint_paths(
    engine: Engine,
    paths: Iterable[Path],
    request: LintRequest,
    snapshot: Snapshot | None = None,
    watcher: Watcher | None = None,
    kept: KeptOutcomes | None = None,
) -> LintResult:
    """Lint every chart under the paths. A path without a chart is an error of the result, or raised if it is alone.

    `snapshot` is what the paths lead to, if it was taken already; `kept` are the outcomes of an earlier run.
    """
    checker, collection = _Checker(engine, request), Collection()
    found = discover(paths, allow_empty=lambda path: request.allow_empty or _holds_releases(path))
    if found.error:
        collection.add(Outcome(key=found.error.message, error=found.error))
    taken = snapshot or Snapshot(paths)
    # A file of values can be in any chart.
    outcomes = _chart_outcomes(
        checker,
        found,
        None if request.thorough or request.has_values else taken,
        None if request.has_values else kept,
    )
    # A release in a file is merged into the findings of its chart, which can't be final before.
    folders = filter(Path.is_dir, paths) if taken.has_manifests else ()
    final_early = not found.outside and not any(map(_holds_releases, folders))
    for number, path in enumerate(found.charts):
        if watcher:
            watcher.begins(number, len(found.charts), path)
        outcome = next(outcomes)
        collection.add(outcome)
        if watcher and final_early and outcome.findings:
            following = found.charts[number + 1] if number + 1 < len(found.charts) else None
            watcher.checked(collection.findings, following)
    with_releases = set()
    if found.outside or taken.has_manifests:
        for path, outcome in checker.releases((*found.outside, *filter(Path.is_dir, paths)), found):
            with_releases.add(path)
            collection.add(outcome)
    for path in found.outside:
        collection.add(checker.outside(path, has_releases=path in with_releases))
    return collection.result()


def _holds_releases(folder: Path) -> bool:
    from chartgen.lint.helm_releases import holds_releases

    return holds_releases(folder)


def _chart_outcomes(
    checker: _Checker, found: Discovery, known: Snapshot | None, kept: KeptOutcomes | None
) -> Iterator[Outcome]:
    """The outcomes of the charts in order. The first one loads what all of them need, then all cores work."""
    passed = known.without_canary if known else {}
    charts = [path for path in found.charts if path not in passed and not (kept and kept.has(path))]

    def check(path: Path) -> Outcome:
        return checker.chart(path, found.arguments.get(path))

    def check_elsewhere(path: Path, forked: list[_Checker] = []) -> Outcome:  # noqa: B006 - one for the process
        if not forked:
            forked.append(checker.in_fork())
        return forked[0].chart(path, found.arguments.get(path))

    first, others = (charts[0], charts[1:]) if charts else (None, [])
    rendered: Iterator[Outcome] | None = None
    for path in found.charts:
        if path in passed:
            yield checker.without_canary(path, passed[path], has_settings=known is None or known.has_settings)
            continue
        if kept and kept.has(path):
            yield kept.outcome(path)
            continue
        if path == first:
            outcome = check(path)
        else:
            rendered = rendered or _spread(others, check, check_elsewhere)
            outcome = next(rendered)
        if kept:
            kept.add(path, outcome)
        yield outcome


def _spread(
    charts: list[Path], check: Callable[[Path], Outcome], check_elsewhere: Callable[[Path], Outcome]
) -> Iterator[Outcome]:
    from chartgen.lint.spread import spread

    return spread(charts, check, check_elsewhere)


def lint_text(engine: Engine, text: str, name: str, request: LintRequest) -> LintResult:
    """Lint rendered manifests, as `chartgen lint -` reads them; `name` is the path in findings."""
    from chartgen.lint.prepare import prepare_text

    checker, collection = _Checker(engine, request), Collection()
    if not text.strip():
        raise UsageError(f"{name}: nothing to lint", hint="pipe rendered manifests into it")
    collection.add(checker.check(Path(name), lambda: prepare_text(engine, text, name, request)))
    return collection.result()
