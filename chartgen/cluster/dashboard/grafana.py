"""Grafana's JSON for the panels, made with grafana-foundation-sdk (the extra `chartgen[dashboard]`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartgen.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chartgen.cluster.dashboard.panels import Annotation, Panel, Query

INSTALL = "pip install 'chartgen[dashboard]'"
_DATASOURCE = "${datasource}"
_WIDTH, _HEIGHT = 24, 8
_COLORS = {"primary": "blue", "canary": "orange"}
_REF_IDS = "ABCDEFGH"


def dashboard_json(
    title: str,
    uid: str,
    rows: Sequence[tuple[str, Sequence[Panel]]],
    marks: Sequence[Annotation],
    names: dict[str, str],
) -> dict[str, Any]:
    """The dashboard; `names`: variables of the dashboard and their values, as `namespace`.

    ClusterError if the library isn't installed.
    """
    try:
        from grafana_foundation_sdk.builders import dashboard
        from grafana_foundation_sdk.cog.encoder import JSONEncoder
        from grafana_foundation_sdk.models.dashboard import DashboardCursorSync
    except (ImportError, AttributeError) as error:
        raise ClusterError(f"Grafana's library isn't installed ({error})", hint=f"install it: {INSTALL}") from error
    builder = dashboard.Dashboard(title).uid(uid).tags(["flagger", "canary"]).refresh("10s").time("now-30m", "now")
    builder = builder.tooltip(DashboardCursorSync.CROSSHAIR)
    builder = builder.with_variable(dashboard.DatasourceVariable("datasource").type("prometheus").label("Prometheus"))
    for name, value in names.items():
        builder = builder.with_variable(dashboard.TextBoxVariable(name).default_value(value).label(name))
    for mark in marks:
        builder = builder.annotation(_annotation(mark))
    for row, panels in rows:
        builder = builder.with_row(dashboard.Row(row))
        for panel in panels:
            builder = builder.with_panel(_panel(panel, _WIDTH // len(panels)))
    document: dict[str, Any] = json.loads(JSONEncoder(sort_keys=True).encode(builder.build()))
    return document


def _reference() -> Any:
    from grafana_foundation_sdk.models.dashboard import DataSourceRef

    return DataSourceRef(type_val="prometheus", uid=_DATASOURCE)


def _annotation(mark: Annotation) -> Any:
    from grafana_foundation_sdk.builders.dashboard import AnnotationQuery

    query = AnnotationQuery().name(mark.name).datasource(_reference()).enable(True)
    return query.icon_color(mark.color).expr(mark.expr)


def _panel(panel: Panel, width: int) -> Any:
    from grafana_foundation_sdk.builders import common, timeseries
    from grafana_foundation_sdk.models.common import GraphTresholdsStyleMode

    built = timeseries.Panel().title(panel.title).unit(panel.unit).height(_HEIGHT).span(width).datasource(_reference())
    for ref_id, query in zip(_REF_IDS, panel.queries, strict=False):
        built = built.with_target(_target(ref_id, query))
    for label, color in _COLORS.items():
        built = built.override_by_name(label, [_fixed_color(color)])
    if panel.minimum is not None or panel.maximum is not None:
        style = common.GraphThresholdsStyleConfig().mode(GraphTresholdsStyleMode("line"))
        built = built.thresholds(_thresholds(panel)).thresholds_style(style)
    return built


def _target(ref_id: str, query: Query) -> Any:
    from grafana_foundation_sdk.builders.prometheus import Dataquery

    return Dataquery().expr(query.expr).legend_format(query.legend).ref_id(ref_id).range()


def _fixed_color(color: str) -> Any:
    from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

    return DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": color})


def _thresholds(panel: Panel) -> Any:
    """Red below the minimum and above the maximum."""
    from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
    from grafana_foundation_sdk.models.dashboard import Threshold, ThresholdsMode

    steps = [Threshold(value=None, color="transparent" if panel.minimum is None else "red")]
    if panel.minimum is not None:
        steps.append(Threshold(value=panel.minimum, color="transparent"))
    if panel.maximum is not None:
        steps.append(Threshold(value=panel.maximum, color="red"))
    return ThresholdsConfig().mode(ThresholdsMode("absolute")).steps(steps)


def config_map(name: str, document: dict[str, Any], label: tuple[str, str]) -> dict[str, Any]:
    """A ConfigMap that Grafana's sidecar loads by its label."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": {label[0]: label[1]}},
        "data": {f"{name}.json": json.dumps(document, indent=2, ensure_ascii=False)},
    }
