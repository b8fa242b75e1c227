"""Prepare one chart or file of manifests: read it, render all its releases, resolve its settings.

`chartgen lint` checks what is prepared, `chartgen lint --fix` edits it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chartgen.charts.load import load_chart
from chartgen.charts.vendored import with_subcharts_opened
from chartgen.errors import ChartError, ConfigError, UsageError
from chartgen.inputs.files import read_confined
from chartgen.inputs.limits import MANIFESTS_BYTES
from chartgen.lint.matrix import render_matrix
from chartgen.lint.mentions import may_render_flagger
from chartgen.lint.request import ChartSettings
from chartgen.lint.run_rules import report_findings
from chartgen.lint.sources import texts_of
from chartgen.manifests.switches.switch import Switch
from chartgen.rules.releases import Releases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.helm.engine import Engine
    from chartgen.lint.finding import Finding
    from chartgen.lint.fixing.editable_source import EditableSource
    from chartgen.lint.helm_releases import FoundRelease
    from chartgen.lint.request import LintRequest
    from chartgen.lint.suppress import FilteredFindings


class Prepared(NamedTuple):
    """`path` is the path in findings; `text` is that of manifests outside a chart.

    `editable` makes the source that can be edited. `release_line` is the line of a HelmRelease or an Application in its
    file.
    """

    path: str
    settings: ChartSettings
    releases: Releases
    editable: Callable[[], EditableSource] | None
    values_files: tuple[str, ...] = ()
    text: str = ""
    release_line: int | None = None

    @property
    def source(self) -> EditableSource | None:
        """What can be edited, None if nothing: an archive, a library chart, stdin, a HelmRelease."""
        return self.editable() if self.editable else None

    def findings(self, engine: Engine, releases: Releases | None = None) -> Iterator[Finding]:
        """The findings for its releases, or for `releases` after an edit. Library charts render nothing to check."""
        if not self.releases.chart.library:
            for finding in report_findings(engine, releases or self.releases, self.settings.rules):
                yield finding if self.release_line is None or finding.exact else self._at_release(finding)

    def _at_release(self, finding: Finding) -> Finding:
        """A finding of no known line, at the object that makes the release what it is."""
        line = self.release_line or 1
        return replace(finding, path=self.path, line=line, column=1, end_line=line, end_column=1)

    def filtered_findings(self, engine: Engine, source: EditableSource | None = None) -> tuple[FilteredFindings, int]:
        """The findings (of an edited `source`, if given) that aren't exempt or ignored, and the number that are."""
        releases = source.releases if source else self.releases
        return self.settings.filter_findings(self.findings(engine, releases), self._texts(source, releases))

    def _texts(self, source: EditableSource | None, releases: Releases) -> dict[str, str]:
        """Path → text of the files with its findings and ignore comments."""
        if releases.chart.files:
            return texts_of(releases.chart, self.values_files)
        if source is None:
            return {self.path: self.text}
        return {self.path: source.files[Path(self.path).name].decode("utf-8-sig")}


def prepare_chart(engine: Engine, path: Path, request: LintRequest, argument: Path | None = None) -> Prepared:
    """A chart folder or archive; ChartError, HelmError or UsageError if it can't be read."""
    settings = ChartSettings.of(request, request.config_at(path))
    chart = with_subcharts_opened(load_chart(path, argument))
    namespaces = settings.cluster.allowed_namespaces
    if not request.thorough and not may_render_flagger(chart, (request.base, *settings.release_requests)):
        return Prepared(path.as_posix(), settings, Releases(chart, engine, (), (), Switch(None, None)), None)
    try:
        releases = render_matrix(
            engine,
            chart,
            request.base,
            namespaces,
            settings.release_requests,
            merge_namespaces=settings.names_no_namespaces,
        )
    except UsageError as error:
        if not settings.release_requests:
            raise
        raise ConfigError(f"{settings.config.source}: releases: {error.message}", hint=error.hint) from error
    editable = None if chart.packaged or chart.library else partial(_editable_chart, engine, releases)
    return Prepared(path.as_posix(), settings, releases, editable, settings.values_files(request))


def _editable_chart(engine: Engine, releases: Releases) -> EditableSource:
    from chartgen.lint.fixing.editable_source import EditableChart

    return EditableChart.of(engine, releases)


def prepare_release(engine: Engine, found: FoundRelease, request: LintRequest) -> Prepared:
    """A HelmRelease or an Application as the one release of its chart; its values have the lines of its own file."""
    from chartgen.lint.helm_releases import with_values_files

    assert found.chart is not None
    settings = ChartSettings.of(request, request.config_at(found.file))
    chart = with_subcharts_opened(load_chart(found.chart))
    spec = with_values_files(found).spec
    own = request.render_request(spec)
    try:
        releases = render_matrix(engine, chart, request.base, settings.cluster.allowed_namespaces, (own,))
    except UsageError as error:
        where = f"{found.file}:{found.release.line}: {found.title}"
        raise ChartError(f"{where}: {error.message}", hint=error.hint) from error
    return Prepared(found.file.as_posix(), settings, releases, None, own.sources.files, release_line=found.release.line)


def prepare_manifests(engine: Engine, file: Path, request: LintRequest) -> Prepared:
    """A file of manifests outside any chart."""
    from chartgen.lint.fixing.editable_source import EditableManifests
    from chartgen.lint.manifest_files import read_manifests

    prepared = prepare_text(engine, read_manifests(file), file.as_posix(), request)
    namespace = prepared.releases.renderings[0].request.namespace
    source = EditableManifests(engine, prepared.releases, file, read_confined(file, MANIFESTS_BYTES), namespace)
    return prepared._replace(editable=lambda: source)


def prepare_text(engine: Engine, text: str, name: str, request: LintRequest) -> Prepared:
    """Manifests from a text; `name` is their path in findings."""
    from chartgen.lint.manifest_files import manifest_releases

    settings = ChartSettings.of(request, request.config_at(Path(name)))
    namespace = (settings.cluster.allowed_namespaces or (request.base.namespace,))[0]
    return Prepared(name, settings, manifest_releases(engine, text, name, namespace), None, text=text)
