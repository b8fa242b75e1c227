"""The releases a proof compares: with the names and values that users vary and the canary's expressions depend on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import reduce
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from chartgen.errors import ChartgenError
from chartgen.helm.request import merged
from chartgen.manifests.documents import read_bounded
from chartgen.manifests.manifest import Route, value_at
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest

_VALUE = lazy_pattern(r"\.Values((?:\.[A-Za-z_][A-Za-z0-9_]*)+)")
# Helm allows 53 characters; names cut at 63 or 24 by a chart's helper show here.
_LONGEST_RELEASE = "a-release-whose-name-is-as-long-as-helm-allows-it-xyz"
_MOST = 24


@dataclass(frozen=True, slots=True)
class Variation:
    """One release to compare; `label` names what is special about it. `parts` are its changes, one by one."""

    label: str
    request: RenderRequest
    parts: tuple[Variation, ...] = ()


def variations(
    engine: Engine, chart: Chart, base: RenderRequest, values: Mapping[str, Any], texts: Iterable[str]
) -> tuple[Variation, ...]:
    """`base`, other release names, name overrides, changes of the values `texts` read, and `ci/*-values.yaml`.

    A release has another name and other values at once, as long as no change can hide another one: numbers and names
    change together, each switch and each empty name by itself.
    """
    changes = list(_value_changes(values, texts))
    alone = [overlay for overlay, hides in changes if hides]
    together = [overlay for overlay, hides in changes if not hides]
    overlays = [*([reduce(merged, together)] if together else []), *alone]
    parts = tuple(_variation(base, None, overlay) for overlay in together)
    named, full_named = _name_overrides(chart)
    names = ("a", f"{chart.name[:40]}-blue")
    found = [Variation(f"release {base.release_name}", base)]
    for name, overlay in zip_longest(names, overlays, fillvalue=None):
        found.append(_variation(base, name, overlay or {}))
    found[1] = replace(found[1], parts=parts)
    # Where the release has the chart's name, several helpers print the same name.
    found.append(_variation(base, chart.name[:53], {}))
    found.append(_variation(base, _LONGEST_RELEASE, named))
    found += [_variation(base, None, full_named)] if full_named else []
    found += list(_ci_values(engine, chart, base))
    return tuple(found[:_MOST])


def in_parts(variations: Iterable[Variation], is_rendered: Callable[[RenderRequest], bool]) -> tuple[Variation, ...]:
    """The variations, with the parts of one in which Helm can't render the chart: some changes exclude each other."""
    return tuple(
        each
        for variation in variations
        for each in (
            (variation, *variation.parts)
            if variation.parts[1:] and not is_rendered(variation.request)
            else (variation,)
        )
    )


def _variation(base: RenderRequest, name: str | None, overlay: Mapping[str, Any]) -> Variation:
    labels = [*([f"release {name}"] if name else []), *(f"{path}={value}" for path, value in _leaves(overlay))]
    return Variation(", ".join(labels), replace(base, release_name=name or base.release_name).over(overlay))


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


def _name_overrides(chart: Chart) -> tuple[dict[str, Any], dict[str, Any]]:
    """The overlays for `nameOverride` and `fullnameOverride`, empty if the templates don't read it."""
    sources = [chart.text(path) for path in chart.files if "/charts/" not in path and "templates/" in path]

    def overlay(key: str, name: str) -> dict[str, Any]:
        return {key: name} if any(f".Values.{key}" in text for text in sources) else {}

    return overlay("nameOverride", "other-name"), overlay("fullnameOverride", "full-name")


def _value_changes(values: Mapping[str, Any], texts: Iterable[str]) -> Iterator[tuple[dict[str, Any], bool]]:
    """Overlays with one changed value each, and whether it may hide the effect of another: a switch, an empty name."""
    for route in value_routes(texts):
        value = value_at(values, route)
        changed = _other_value(value)
        if changed is not None and route[0] not in {"nameOverride", "fullnameOverride"}:
            yield overlay_of(route, changed), isinstance(value, bool) or not value


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


def _leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """`a.b` and the value of each leaf of an overlay."""
    if not isinstance(node, dict):
        yield path, node
        return
    for key, below in node.items():
        yield from _leaves(below, f"{path}.{key}" if path else key)
