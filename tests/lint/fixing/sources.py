"""Examples of rule pages and small charts as sources that fixes can edit."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.charts.chart import Chart
from chartgen.helm.request import RenderRequest
from chartgen.lint.fixing.editable_source import EditableChart, EditableSource
from chartgen.lint.fixing.fixer import FixedSource, apply_fixes
from chartgen.lint.matrix import render_matrix
from chartgen.lint.run_rules import report_findings
from chartgen.rules.cluster import Cluster
from chartgen.rules.fix import Safety
from chartgen.rules.registry import all_rules
from tests.rules.harness import _FILE, _cluster, _files, _lay, _pieces, engine, good_bodies, good_chart

if TYPE_CHECKING:
    from chartgen.rules.rule import Rule


def editable_example(example: str) -> tuple[EditableSource, Cluster]:
    """The chart of an example; a fragment is merged into the good release, which becomes the only template."""
    cluster = _cluster(example)
    if _FILE.search(example):
        chart = good_chart({path: text.encode() for path, text in _files(example).items()})
    else:
        bodies = good_bodies()
        for piece in _pieces(example):
            _lay(bodies, piece)
        chart = good_chart({})
        files = {path: data for path, data in chart.files.items() if path == "Chart.yaml"}
        chart = Chart(Path("web"), "web", {**files, "templates/all.yaml": _template(bodies), "values.yaml": b"{}\n"})
    return editable_chart(chart, cluster), cluster


def _template(bodies: list[dict[str, Any]]) -> bytes:
    from ruamel.yaml import YAML

    stream = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.width = False, 4096
    yaml.dump_all(bodies, stream)
    return stream.getvalue().replace("{{", '{{ "{{" }}').encode()


def editable_chart(chart: Chart, cluster: Cluster | None = None) -> EditableChart:
    """A chart with all its releases."""
    request = RenderRequest(namespace="production")
    return EditableChart.of(engine, render_matrix(engine, chart, request, (cluster or Cluster()).allowed_namespaces))


def fix_all(
    source: EditableSource,
    rules: tuple[type[Rule], ...] | None = None,
    safeties: tuple[Safety, ...] = tuple(Safety),
    cluster: Cluster | None = None,
) -> FixedSource:
    """Apply all fixes of these rules (of every rule if None)."""
    reporting = tuple(rule(cluster) for rule in (all_rules() if rules is None else rules))
    proof_rules = tuple(rule(cluster) for rule in all_rules())
    return apply_fixes(
        source, proof_rules, lambda edited: list(report_findings(engine, edited.releases, reporting)), safeties
    )
