"""Run the rules over charts: each chart in all its releases, an error in one never stopping the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.charts.discover import discover
from chartgen.config.config import Config
from chartgen.config.selection import selected
from chartgen.errors import ChartError, ChartgenError, ConfigError, HelmError, InputError, InternalError, UsageError
from chartgen.lint.finding import CheckedChart, Collected, LintResult
from chartgen.lint.fixing.fixer import with_proven_fixes
from chartgen.lint.manifest_files import holds_flagger_objects
from chartgen.lint.prepare import prepare_chart, prepare_manifests, prepare_text
from chartgen.lint.request import ChartSettings
from chartgen.lint.run_rules import failed, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
        selected(request.select, request.ignore)  # unknown names are rejected before anything is read

    def check(self, path: Path, prepare: Callable[[], Prepared]) -> None:
        """One chart or file. Whatever is wrong with it is reported, and the run goes on."""
        try:
            self._take(prepare())
        except ConfigError as error:
            if self._request.config:
                raise
            self._errors.setdefault(error.message, error)
        except UsageError:
            raise
        except (ChartError, HelmError, InputError) as error:
            settings = ChartSettings.of(self._request, self._request.config_at(path))
            kept, hidden = settings.kept([unreadable(path, error)], {})
            self._suppressed += hidden
            self._take_failure(path, kept.findings, settings.limits)
        except Exception as error:  # noqa: BLE001 - a mistake of chartgen in one chart must not silence the others
            internal = InternalError.of(error)
            self._errors.setdefault(f"{path}: {internal.message}", internal)
            # Its configuration may be what chartgen failed on, so that only the options count.
            self._take_failure(path, (failed(path, internal),), self._request.limits(Config()))

    def note(self, text: str) -> None:
        self._notes.append(text)

    def result(self) -> LintResult:
        """What was found. An error that kept every chart from being checked is raised instead."""
        if self._errors and not self._checked:
            raise next(iter(self._errors.values()))
        return LintResult(
            self._collected.sorted(),
            tuple(self._checked),
            tuple(dict.fromkeys(self._notes)),
            self._suppressed,
            tuple(self._errors.values()),
        )

    def _take(self, prepared: Prepared) -> None:
        """Keep the findings that nothing exempts, each with the fix that was proven for it."""
        releases, settings = prepared.releases, prepared.settings
        kept, hidden = prepared.kept(self._engine)
        source = prepared.source
        found = list(with_proven_fixes(source, kept.findings, settings.judges)) if source else kept.findings
        self._checked.append(
            CheckedChart(prepared.path, releases.chart.name, releases.has_canary, len(releases.renderings))
        )
        self._suppressed += hidden
        self._notes += kept.notes
        for finding in found:
            self._collected.add(replace(finding, limits=settings.limits))

    def _take_failure(self, path: Path, findings: Iterable[Finding], limits: Limits) -> None:
        """What is reported of a chart that could not be checked."""
        self._checked.append(CheckedChart(path.as_posix(), path.name, has_canary=False, renderings=0))
        for finding in findings:
            self._collected.add(replace(finding, limits=limits))


def lint_paths(engine: Engine, paths: Iterable[Path], request: LintRequest) -> LintResult:
    """Lint every chart under the paths; UsageError for a path that holds none."""
    run = _Run(engine, request)
    found = discover(paths, allow_empty=request.allow_empty)
    for path in found.charts:
        run.check(path, lambda path=path: prepare_chart(engine, path, request, found.arguments.get(path)))  # type: ignore[misc]
    for path in found.outside:
        if holds_flagger_objects(path):
            run.check(path, lambda path=path: prepare_manifests(engine, path, request))  # type: ignore[misc]
        else:
            run.note(f"{path}: {'no chart in this folder' if path.is_dir() else 'belongs to no chart, skipped'}")
    return run.result()


def lint_text(engine: Engine, text: str, name: str, request: LintRequest) -> LintResult:
    """Lint rendered manifests, as `chartgen lint -` reads them; `name` is what findings call the text."""
    run = _Run(engine, request)
    if not text.strip():
        raise UsageError(f"{name}: nothing to lint", hint="pipe rendered manifests into it")
    run.check(Path(name), lambda: prepare_text(engine, text, name, request))
    return run.result()
