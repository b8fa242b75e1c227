"""From a rule's problem to a finding with a file, a line and a column."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.charts.positions import Position
from chartgen.lint.finding import Finding, FoundObject
from chartgen.lint.proven_fix import RequestedFix
from chartgen.lint.random_text import RandomText
from chartgen.lint.where_used import where_used
from chartgen.manifests.tracing.provenance import Provenance, SourceLocation, path_in_chart
from chartgen.manifests.tracing.values_location import values_location
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.rule import Problem, Rule

_TOP = Position(1, 1, 1, 1)


class Locator:
    """Turns the problems of one chart into findings."""

    def __init__(self, engine: Engine, chart: Chart) -> None:
        self._chart = chart
        self._provenance = Provenance(engine)
        self._random = RandomText(engine, chart)
        self._located: dict[tuple[object, ...], SourceLocation] = {}

    def finding(self, rule: Rule, problem: Problem, rendering: Rendering | None, checked: Manifest | None) -> Finding:
        """The finding for a problem of `checked` in `rendering` (both None if nothing is rendered)."""
        manifest = problem.manifest or checked
        location = self._locate(problem, rendering, manifest)
        severity, message = _judged(problem, rule, rendering)
        archive = self._chart.archive_of(location.path) if location.in_chart else None
        if archive:
            # An editor or a review can only open what is on disk.
            message += f" (in {location.path.split('/', 2)[-1]} of the archive)"
            location = SourceLocation(archive, _TOP, exact=False)
        path = shown_path(self._chart, location)
        name = self._random.masked(manifest.name, rendering) if manifest else ""
        reported_object = FoundObject(manifest.kind, name, manifest.namespace) if manifest else None
        message = self._random.masked(message, rendering)
        field = self._random.masked(pointer(problem.at), rendering)
        return Finding(
            rule=rule.id,
            severity=severity,
            message=message,
            path=path,
            line=location.position.line,
            column=location.position.column,
            end_line=location.position.end_line,
            end_column=max(location.position.end_column, location.position.column),
            chart=self._chart.name,
            object=reported_object,
            manifest_path=pointer(problem.at) if manifest else "",
            releases=problem.releases or ((rendering.label,) if rendering and self._chart.files else ()),
            tags=rule.tags,
            yields_to=rule.yields_to,
            once=problem.once,
            fingerprint=_fingerprint(rule.id, f"{self._chart.name}/{location.path}", reported_object, field, message),
            exact=location.exact,
            requested_fix=_requested_fix(rule, problem, rendering, manifest),
        )

    def _locate(self, problem: Problem, rendering: Rendering | None, manifest: Manifest | None) -> SourceLocation:
        if problem.source is not None:
            return _locate_in_source(self._chart, problem)
        if problem.values_route is not None and rendering is not None:
            value = values_location(rendering, problem.values_route)
            if value:
                return SourceLocation(value.path, value.position, value.in_chart, problem.values_route)
        if rendering is None or manifest is None:
            return SourceLocation("Chart.yaml", _TOP, exact=False)
        if not rendering.chart.files:
            return _locate_in_manifest(manifest, problem.at)
        key = (
            manifest.template,
            manifest.document,
            problem.at,
            repr(manifest.get(problem.at)),
            rendering.request.sources,
            problem.blank,
        )
        if key not in self._located:
            found = self._provenance.locate(rendering, manifest, problem.at, blank=problem.blank)
            self._located[key] = where_used(rendering.chart, manifest, problem.at, found)
        return self._located[key]


def _requested_fix(
    rule: Rule, problem: Problem, rendering: Rendering | None, manifest: Manifest | None
) -> RequestedFix | None:
    if problem.fix is None or rendering is None or manifest is None:
        return None
    return RequestedFix(rule.id, problem.fix, rendering.label, (manifest.template, manifest.document), problem.at)


def _locate_in_source(chart: Chart, problem: Problem) -> SourceLocation:
    source = problem.source
    assert source is not None
    path = path_in_chart(chart, source.path)
    if source.line is None:
        return SourceLocation(path, _TOP, exact=False)
    lines = chart.text(path).splitlines() if path in chart.files else []
    # Helm reports an action without an end after the last line.
    line = min(source.line, max(len(lines), 1))
    text = lines[line - 1] if lines else ""
    column = _characters(text, source.column) or len(text) - len(text.lstrip()) + 1
    return SourceLocation(path, Position(line, column, line, max(len(text) + 1, column)))


def _characters(text: str, column: int | None) -> int | None:
    """The column in characters for a column in bytes, as Helm counts it."""
    if column is None:
        return None
    return len(text.encode("utf-8", "surrogateescape")[: column - 1].decode("utf-8", "ignore")) + 1


def _locate_in_manifest(manifest: Manifest, route: Route) -> SourceLocation:
    """The location in a file of plain manifests, which render as they are written."""
    from chartgen.charts.positions import position_of

    for length in range(len(route), -1, -1):
        position = position_of(manifest.text, route[:length] or ("kind",))
        if position:
            offset = manifest.line - 1
            in_file = Position(position.line + offset, position.column, position.end_line + offset, position.end_column)
            return SourceLocation(manifest.template, in_file, in_chart=False)
    return SourceLocation(manifest.template, Position(manifest.line, 1, manifest.line, 1), in_chart=False, exact=False)


def shown_path(chart: Chart, location: SourceLocation) -> str:
    """The path as a person would type it; inside an archive `archive.tgz!path`."""
    if not location.in_chart:
        return Path(location.path).as_posix()
    if chart.packaged:
        return f"{chart.root.as_posix()}!{location.path}"
    return (chart.root / location.path).as_posix()


def pointer(route: Route) -> str:
    """The route as an escaped JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in route)


def _judged(problem: Problem, rule: Rule, rendering: Rendering | None) -> tuple[Severity, str]:
    """Severity and message: a value that a release fills in isn't an error of the chart's defaults."""
    severity = problem.severity or rule.severity
    is_default = (problem.blank or problem.stand_in) and rendering is not None and rendering.invented
    if severity is not Severity.ERROR or not is_default:
        return severity, problem.message
    return Severity.WARNING, f"{problem.message}; this is a default, and a release may set another value"


def _fingerprint(rule: str, path: str, reported: FoundObject | None, field: str, message: str) -> str:
    """A hash of rule, file, object, field and message; line numbers and random words aren't part of it."""
    about = f"{reported.kind}/{reported.name}" if reported else ""
    parts = (rule, path, about, field, message)
    return hashlib.sha256("\0".join(parts).encode("utf-8", errors="surrogateescape")).hexdigest()[:32]
