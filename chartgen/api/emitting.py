"""Renders the Flagger objects of a chart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.api.emit_result import EmitResult
from chartgen.api.names import namespace_name
from chartgen.api.render_errors import render_errors_of
from chartgen.api.schema_notes import note_external_references
from chartgen.api.settings import EmitSettings, checked
from chartgen.api.unfinished import warn_unfinished
from chartgen.charts.load import load_chart
from chartgen.flagger import emission
from chartgen.manifests.rendering import render

if TYPE_CHECKING:
    from chartgen.api.session import Session


def emit_objects(path: str | Path, settings: EmitSettings, session: Session) -> EmitResult:
    """See chartgen.api.emit."""
    namespace = namespace_name(checked(settings, EmitSettings).get("namespace"))
    warn_unfinished([Path(path)], session.note)
    engine, chart = session.engine, load_chart(Path(path))
    note_external_references(chart, session.note)
    request = session.render_request(settings)
    with render_errors_of(chart):
        request = replace(request, namespace=namespace or emission.default_namespace(engine, chart, request))
        manifests = emission.require_canary(engine, chart, render(engine, chart, request, "emit"))
        others = emission.other_namespaces(engine, chart, request) if namespace is None else []
    if others:
        session.note(
            f"printed for namespace {request.namespace} only; the Canary also renders in {', '.join(others)}: "
            f"chartgen emit {path} --namespace {others[0]}"
        )
    return EmitResult(tuple(manifests), request.namespace)
