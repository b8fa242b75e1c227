"""The releases a proof compares: with the names and values that users vary and the canary's expressions depend on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.errors import ChartgenError
from chartgen.manifests.documents import read_bounded
from chartgen.manifests.manifest import Route, value_at
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest

_VALUE = lazy_pattern(r"\.Values((?:\.[A-Za-z_][A-Za-z0-9_]*)+)")
# Helm allows 53 characters; names cut at 63 or 24 by a chart's helper show here.
_LONGEST_RELEASE = "a-release-whose-name-is-as-long-as-helm-allows-it-xyz"
_MOST = 24


@dataclass(frozen=True, slots=True)
class Variation:
    """One release to compare; `label` names what is special about it."""

    label: str
    request: RenderRequest


def variations(
    engine: Engine, chart: Chart, base: RenderRequest, values: Mapping[str, Any], texts: Iterable[str]
) -> tuple[Variation, ...]:
    """`base`, then other release names, name overrides, changes of the values `texts` read, and `ci/*-values.yaml`."""
    found = [Variation(f"release {base.release_name}", base)]
    names = ("a", chart.name[:53], f"{chart.name[:40]}-blue", _LONGEST_RELEASE)
    found += [Variation(f"release {name}", replace(base, release_name=name)) for name in names]
    found += [Variation(_label(overlay), base.over(overlay)) for overlay in _name_overrides(chart)]
    found += [Variation(_label(overlay), base.over(overlay)) for overlay in _value_changes(values, texts)]
    found += list(_ci_values(engine, chart, base))
    return tuple(found[:_MOST])


def value_routes(texts: Iterable[str]) -> list[Route]:
    """The routes of the `.Values.a.b` paths in template texts, each once, in order."""
    return list(dict.fromkeys(tuple(match[1][1:].split(".")) for text in texts for match in _VALUE.finditer(text)))


def overlay_of(route: Route, value: Any) -> dict[str, Any]:
    """`value` at `route`, as an overlay for RenderRequest.over."""
    overlay: Any = value
    for key in reversed(route):
        overlay = {str(key): overlay}
    assert isinstance(overlay, dict)
    return overlay


def _name_overrides(chart: Chart) -> Iterator[dict[str, Any]]:
    sources = [chart.text(path) for path in chart.files if "/charts/" not in path and "templates/" in path]
    for key, name in (("nameOverride", "other-name"), ("fullnameOverride", "full-name")):
        if any(f".Values.{key}" in text for text in sources):
            yield {key: name}


def _value_changes(values: Mapping[str, Any], texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    for route in value_routes(texts):
        changed = _other_value(value_at(values, route))
        if changed is not None and route[0] not in {"nameOverride", "fullnameOverride"}:
            yield overlay_of(route, changed)


def are_varied(values: Mapping[str, Any], texts: Iterable[str]) -> bool:
    """Whether `variations` knows another value for each path that the texts read: it knows none for a list."""
    return all(_other_value(value_at(values, route)) is not None for route in value_routes(texts))


def _other_value(value: Any) -> Any:
    """Another value of the same type: a port stays a port, a name stays a name."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return int(value) + 1 if value else 1
    if isinstance(value, str):
        return f"{value}-x" if value else "x"
    return None


def _ci_values(engine: Engine, chart: Chart, base: RenderRequest) -> Iterator[Variation]:
    for path in sorted(chart.files):
        if re.fullmatch(r"ci/[^/]*values\.ya?ml", path):
            try:
                overlay = read_bounded(engine, chart.text(path))
            except ChartgenError:
                continue
            if isinstance(overlay, dict):
                yield Variation(path, base.over(overlay))


def _label(overlay: Mapping[str, Any]) -> str:
    """`a.b=value` of an overlay with one leaf."""
    steps: list[str] = []
    node: Any = overlay
    while isinstance(node, dict) and node:
        key, node = next(iter(node.items()))
        steps.append(key)
    return f"{'.'.join(steps)}={node}"
