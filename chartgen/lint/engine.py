"""Run the rules over charts: each chart in all its releases, an error in one never stopping the others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.charts.discover import discover
from chartgen.charts.load import load_chart
from chartgen.charts.vendored import with_subcharts_opened
from chartgen.config.config import Config, config_for
from chartgen.config.selection import NEVER, selected, severity_named
from chartgen.errors import ChartError, HelmError, UsageError
from chartgen.helm.request import RenderRequest, ValueSources, merged
from chartgen.lint.exemptions import configured
from chartgen.lint.finding import CheckedChart, Collected, Limits, LintResult
from chartgen.lint.fixing.editable_source import EditableChart, EditableManifests
from chartgen.lint.fixing.fixer import with_proven_fixes
from chartgen.lint.manifest_files import is_plain, plain_releases, read_plain
from chartgen.lint.matrix import render_matrix
from chartgen.lint.run_rules import findings_of, unreadable
from chartgen.lint.sources import texts_of
from chartgen.lint.suppress import without_ignored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chartgen.config.release_spec import ReleaseSpec
    from chartgen.helm.engine import Engine
    from chartgen.lint.finding import Finding
    from chartgen.lint.fixing.editable_source import EditableSource
    from chartgen.lint.suppress import Kept
    from chartgen.rules.cluster import Cluster
    from chartgen.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class LintRequest:
    """What to lint and how; what is given here wins over the configuration.

    `namespaces` are those a Canary may stand in, and the first the one rendered in. `config` is a file to read instead
    of the nearest one, `no_config` reads none. `allow_empty`: a folder without a chart is only noted. `fail_on` and
    `min_severity` are None where the configurations decide; `fail_on` may be `never`.
    """

    base: RenderRequest = field(default_factory=RenderRequest)
    namespaces: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    flagger: str | None = None
    config: Path | None = None
    no_config: bool = False
    allow_empty: bool = False
    fail_on: str | None = None
    min_severity: str | None = None

    def config_at(self, path: Path) -> Config:
        """The configuration that holds for a chart or file."""
        return config_for(path, self.config, disabled=self.no_config)

    def limits(self, config: Config) -> Limits:
        """Options over the configuration; UsageError for an option that is no severity."""
        default = Limits()
        fail_on = self.fail_on or config.fail_on
        shown = self.min_severity or config.min_severity
        return Limits(
            (None if fail_on == NEVER else severity_named("--fail-on", fail_on, NEVER)) if fail_on else default.fail_on,
            severity_named("--min-severity", shown) if shown else default.min_severity,
        )

    @property
    def leaves_releases_open(self) -> bool:
        """Whether no option says which release is meant, so that the configuration does."""
        return not self.namespaces and self.base.sources == ValueSources()

    def released(self, asked: ReleaseSpec) -> RenderRequest:
        """One release of the configuration, as it is rendered."""
        return replace(
            self.base,
            sources=ValueSources(files=asked.values.files, set=asked.sets, edited=asked.values.edited),
            overlay=merged(self.base.overlay, asked.values.overlay),
            namespace=asked.namespace or self.base.namespace,
            release_name=asked.name or self.base.release_name,
        )


@dataclass(frozen=True, slots=True)
class ChartSettings:
    """What holds for one chart: options over its configuration.

    `judges` are the rules that a fix must not displease: those that run, and those that are merely not selected.
    `asked` are the releases that the configuration names.
    """

    config: Config
    limits: Limits
    rules: tuple[Rule, ...]
    judges: tuple[Rule, ...]
    cluster: Cluster
    asked: tuple[RenderRequest, ...] = ()

    @classmethod
    def of(cls, request: LintRequest, config: Config) -> ChartSettings:
        cluster = replace(
            config.cluster,
            flagger=request.flagger or config.cluster.flagger,
            allowed_namespaces=request.namespaces or config.namespaces,
        )
        ignored = (*config.ignore, *request.ignore)
        rules = selected(request.select or config.select, ignored, cluster)
        asked = tuple(request.released(one) for one in config.releases()) if request.leaves_releases_open else ()
        return cls(config, request.limits(config), rules, selected((), ignored, cluster), cluster, asked)

    def values_files(self, request: LintRequest) -> tuple[str, ...]:
        """All values files given by options or named by the configuration."""
        return (*request.base.sources.files, *(file for one in self.asked for file in one.sources.files))

    def kept(self, findings: Iterable[Finding], texts: Mapping[str, str]) -> tuple[Kept, int]:
        """What neither the configuration nor a comment exempts, and how many they do."""
        own = Collected()
        for finding in findings:
            own.add(finding)
        merged = own.sorted()
        judged = [one for one in (configured(self.config, one) for one in merged) if one is not None]
        kept = without_ignored(judged, texts, frozenset(rule.id for rule in self.rules))
        return kept, len(merged) - len(kept.findings)


class _Run:
    """One run over several charts and files."""

    def __init__(self, engine: Engine, request: LintRequest) -> None:
        self._engine = engine
        self._request = request
        self._collected = Collected()
        self._checked: list[CheckedChart] = []
        self._notes: list[str] = []
        self._suppressed = 0
        selected(request.select, request.ignore)  # what is unknown is refused before anything is read
        request.limits(Config())

    def chart(self, path: Path) -> None:
        settings = ChartSettings.of(self._request, self._request.config_at(path))
        try:
            chart = with_subcharts_opened(load_chart(path))
            releases = render_matrix(
                self._engine, chart, self._request.base, settings.cluster.allowed_namespaces, settings.asked
            )
        except UsageError as error:
            if not settings.asked:
                raise  # -f or --set that cannot be read is wrong for every chart
            raise UsageError(f"{settings.config.source}: releases: {error.message}", hint=error.hint) from error
        except (ChartError, HelmError) as error:
            self._note_checked(path.as_posix(), path.name, has_canary=False, renderings=0)
            self._take([unreadable(path, error)], {}, settings)
            return
        self._note_checked(path.as_posix(), chart.name, releases.has_canary, len(releases.renderings))
        if not chart.library:
            bench = None if chart.packaged else EditableChart.of(self._engine, releases)
            found = findings_of(self._engine, releases, settings.rules)
            self._take(found, texts_of(chart, settings.values_files(self._request)), settings, bench)

    def manifests(self, text: str, name: str, file: Path | None = None) -> None:
        settings = ChartSettings.of(self._request, self._request.config_at(Path(name)))
        namespace = (settings.cluster.allowed_namespaces or (self._request.base.namespace,))[0]
        try:
            releases = plain_releases(self._engine, text, name, namespace)
        except ChartError as error:
            self._note_checked(name, name, has_canary=False, renderings=0)
            self._take([unreadable(Path(name), error)], {name: text}, settings)
            return
        self._note_checked(name, releases.chart.name, releases.has_canary, 1)
        bench = EditableManifests(self._engine, releases, file, file.read_bytes(), namespace) if file else None
        self._take(findings_of(self._engine, releases, settings.rules), {name: text}, settings, bench)

    def note(self, text: str) -> None:
        self._notes.append(text)

    def result(self) -> LintResult:
        return LintResult(
            self._collected.sorted(), tuple(self._checked), tuple(dict.fromkeys(self._notes)), self._suppressed
        )

    def _note_checked(self, path: str, name: str, has_canary: bool, renderings: int) -> None:
        self._checked.append(CheckedChart(path, name, has_canary, renderings))

    def _take(
        self,
        findings: Iterable[Finding],
        texts: Mapping[str, str],
        settings: ChartSettings,
        bench: EditableSource | None = None,
    ) -> None:
        """Keep what nothing exempts, each finding with the fix that was proven for it on `bench`."""
        kept, hidden = settings.kept(findings, texts)
        self._suppressed += hidden
        self._notes += kept.notes
        for finding in with_proven_fixes(bench, kept.findings, settings.judges) if bench else kept.findings:
            self._collected.add(replace(finding, limits=settings.limits))


def lint_paths(engine: Engine, paths: Iterable[Path], request: LintRequest) -> LintResult:
    """Lint every chart the paths mean; UsageError for a path that holds none."""
    run = _Run(engine, request)
    found = discover(paths, allow_empty=request.allow_empty)
    for path in found.charts:
        run.chart(path)
    for path in found.outside:
        if is_plain(path):
            run.manifests(read_plain(path), path.as_posix(), path)
        else:
            run.note(f"{path}: {'there is no chart in it' if path.is_dir() else 'belongs to no chart, skipped'}")
    return run.result()


def lint_text(engine: Engine, text: str, name: str, request: LintRequest) -> LintResult:
    """Lint rendered manifests, as `chartgen lint -` reads them; `name` is what findings call the text."""
    run = _Run(engine, request)
    if not text.strip():
        raise UsageError(f"{name}: there is nothing to lint", hint="pipe rendered manifests into it")
    run.manifests(text, name)
    return run.result()
