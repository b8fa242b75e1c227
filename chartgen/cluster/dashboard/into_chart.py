"""The dashboard as part of a chart: its JSON in a file, and a template that makes a ConfigMap of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartgen.charts.ignore import Ignore
from chartgen.edits.yaml_flow import needs_quotes
from chartgen.errors import ConflictError, ProofError
from chartgen.manifests.rendering import render

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest

DATA, TEMPLATE = "dashboards/canary.json", "templates/canary-dashboard.yaml"
# In the JSON, for the namespace of the release.
NAMESPACE = "CHARTGEN_NAMESPACE"
_MARK = "{{- /* Written by chartgen dashboard; write it again with --into. */}}"
_NAME = "canary.json"
_IGNORE = ".helmignore"


def chart_files(chart: Chart, document: dict[str, Any], label: tuple[str, str]) -> dict[str, bytes]:
    """The two files; ConflictError if the chart has other ones of these names."""
    _require_not_ignored(chart)
    existing = chart.files.get(TEMPLATE)
    if existing is not None and not existing.decode("utf-8", "replace").startswith(_MARK):
        raise ConflictError(
            [f"{TEMPLATE} already exists and wasn't written by chartgen dashboard"], hint="move it away, and run again"
        )
    if existing is None and DATA in chart.files:
        raise ConflictError([f"{DATA} already exists"], hint="move it away, and run again")
    key = json.dumps(label[0]) if needs_quotes(label[0]) else label[0]
    template = (
        f"{_MARK}\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n"
        "  name: {{ .Release.Name }}-canary-dashboard\n  namespace: {{ .Release.Namespace }}\n"
        f"  labels:\n    {key}: {json.dumps(label[1])}\ndata:\n  {_NAME}: |-\n"
        f'{{{{ .Files.Get "{DATA}" | replace "{NAMESPACE}" .Release.Namespace | indent 4 }}}}\n'
    )
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return {DATA: text.encode(), TEMPLATE: template.encode()}


def _require_not_ignored(chart: Chart) -> None:
    """Helm loads neither file if .helmignore excludes it or its folder."""
    ignore = Ignore(chart.text(_IGNORE) if _IGNORE in chart.files else "")
    for path in (DATA, TEMPLATE):
        folder = path.partition("/")[0]
        if ignore.ignores(folder, is_folder=True) or ignore.ignores(path, is_folder=False):
            raise ConflictError([f"{_IGNORE} leaves out {path}"], hint=f"allow {path} in {_IGNORE}, and run again")


def prove(engine: Engine, chart: Chart, files: dict[str, bytes], request: RenderRequest) -> None:
    """Helm renders the chart with them: one ConfigMap more, with the dashboard, and nothing else; else ProofError."""
    before = render(engine, chart.with_files({TEMPLATE: b""}), request, "before").manifests
    after = render(engine, chart.with_files(files), request, "after").manifests
    added = [each for each in after if each.template.endswith(TEMPLATE)]
    rest = [(each.template, each.text) for each in after if each not in added]
    if rest != [(each.template, each.text) for each in before]:
        raise ProofError(
            f"{chart.root}: {TEMPLATE} would change other objects", hint="the chart renders itself anew each time"
        )
    expected = json.loads(files[DATA].decode().replace(NAMESPACE, request.namespace))
    shown = [each.get(("data", _NAME)) for each in added]
    if len(shown) != 1 or not isinstance(shown[0], str) or not shown[0] or json.loads(shown[0]) != expected:
        raise ProofError(
            f"{chart.root}: Helm doesn't render the dashboard in {TEMPLATE}",
            hint="check that --label is a valid label, and what the chart's other templates define",
        )
