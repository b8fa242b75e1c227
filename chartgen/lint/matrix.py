"""The releases of a chart to check: inside and outside its gate, switch on and off, each values file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chartgen.errors import LimitExceeded, RenderError, UsageError
from chartgen.helm.request import ELSEWHERE, RenderRequest, ValueSources
from chartgen.lint.distinct import DistinctRenderings, namespace_label
from chartgen.manifests.documents import read_bounded
from chartgen.manifests.rendering import Rendering, render
from chartgen.manifests.switches.gates import gated_namespaces
from chartgen.manifests.switches.kinds import may_render_canary
from chartgen.manifests.switches.switch import Switch, SwitchSetting, find_switch
from chartgen.manifests.tracing.printed_line import with_line
from chartgen.patterns import lazy_pattern
from chartgen.rules.releases import FailedRelease, Releases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine

_OFF = ", canary off"
# Values files in a chart: chart-testing's, and those of environments.
_VALUES = lazy_pattern(r"(?:ci/[^/]*values|values-[^/]+)\.ya?ml")


class _PlannedRendering(NamedTuple):
    request: RenderRequest
    label: str
    switched: bool | None
    gated: bool | None
    invented: bool


def render_matrix(
    engine: Engine,
    chart: Chart,
    base: RenderRequest,
    namespaces: tuple[str, ...] = (),
    configured: tuple[RenderRequest, ...] = (),
    *,
    merge_namespaces: bool = True,
) -> Releases:
    """Render all releases of one chart. `namespaces` are those to render in; without any, those of the chart's gate.

    `configured` are the releases of a configuration, used instead of the chart's defaults and its values files.
    `merge_namespaces`: see DistinctRenderings.
    """
    distinct = DistinctRenderings(merge_namespaces=merge_namespaces)
    try:
        return _matrix(engine, chart, base, namespaces, configured, distinct)
    except LimitExceeded as error:
        return Releases(chart, engine, (), (), Switch(None, None), exceeded=error)


def _matrix(
    engine: Engine,
    chart: Chart,
    base: RenderRequest,
    namespaces: tuple[str, ...],
    configured: tuple[RenderRequest, ...],
    distinct: DistinctRenderings,
) -> Releases:
    base, configured = base.as_served(), tuple(request.as_served() for request in configured)
    gated = gated_namespaces(engine, chart, configured[0] if configured else base)
    home = configured[0] if configured else replace(base, namespace=(namespaces or gated or (base.namespace,))[0])
    switch = find_switch(engine, chart, home)
    switched_on = (switch.on or SwitchSetting()).applied(home)
    # Not all: `ne` excludes the namespaces that it names.
    gated = tuple(name for name in gated if may_render_canary(engine, chart, replace(switched_on, namespace=name)))
    fixed = _fixed_namespace(engine, chart, home, switch) if not namespaces and not gated else None
    if fixed:
        home, gated = replace(home, namespace=fixed), (fixed,)
    names = dict.fromkeys((home.namespace, *(namespaces or gated)))
    requests = configured or tuple(replace(home, namespace=name) for name in names)
    failures: list[FailedRelease] = []
    for planned in _releases(engine, chart, requests, switch, gated):
        try:
            rendering = render(engine, chart, planned.request, planned.label)
        except UsageError as refusal:
            if not _is_of_chart(chart, planned.request):
                raise
            failures.append(_failed(planned, RenderError(refusal.message, hint=refusal.hint)))
            continue
        except RenderError as refusal:
            error = with_line(engine, chart, planned.request, refusal)
            failures.append(_failed(planned, error))
            continue
        distinct.add(_as_rendered(planned, rendering))
    renderings = distinct.labelled()
    with_siblings = tuple(
        replace(rendering, siblings=tuple(other for other in renderings if other is not rendering))
        for rendering in renderings
    )
    return Releases(chart, engine, with_siblings, tuple(failures), switch, gated)


def _as_rendered(release: _PlannedRendering, rendering: Rendering) -> Rendering:
    """The rendering with its release; a values file may switch on a canary that is off by default."""
    label, switched = release.label, release.switched
    if switched is False and not release.invented and any(rendering.of_kind("Canary")):
        label, switched = label.removesuffix(_OFF), True
    return replace(rendering, label=label, switched=switched, gated=release.gated, invented=release.invented)


def _failed(release: _PlannedRendering, error: RenderError) -> FailedRelease:
    return FailedRelease(release.request, release.label, error, release.switched, release.gated)


def _is_of_chart(chart: Chart, request: RenderRequest) -> bool:
    """Whether the values file is one that `_ci` found in the chart: nobody asked for it."""
    return bool(request.sources.files) and all(
        request.sources.text(file) is not None and Path(file).is_relative_to(chart.root)
        for file in request.sources.files
    )


def _fixed_namespace(engine: Engine, chart: Chart, home: RenderRequest, switch: Switch) -> str | None:
    """The namespace in the Canary's own metadata, where the release then belongs."""
    try:
        rendering = render(engine, chart, (switch.on or SwitchSetting()).applied(home), "home")
    except RenderError:
        return None
    namespaces = {canary.namespace for canary in rendering.of_kind("Canary")}
    return next(iter(namespaces)) if len(namespaces) == 1 and home.namespace not in namespaces else None


def _releases(
    engine: Engine, chart: Chart, homes: tuple[RenderRequest, ...], switch: Switch, gated: tuple[str, ...]
) -> Iterator[_PlannedRendering]:
    home = homes[0]
    for request in homes:
        for with_values, label in _values_combinations(engine, chart, request):
            yield from _with_settings(with_values, label, switch, gated)
    if switch.on is None and not switch.sites:
        return  # no canary: nothing depends on the namespace
    outside = replace(home, namespace=ELSEWHERE)
    for setting, name, switched in _settings(switch):
        elsewhere = replace(setting.applied(outside), namespace=ELSEWHERE)
        invented = setting != SwitchSetting()
        yield _PlannedRendering(elsewhere, f"any other namespace{name}", switched, False if gated else None, invented)


def _with_settings(
    request: RenderRequest, label: str, switch: Switch, gated: tuple[str, ...]
) -> Iterator[_PlannedRendering]:
    for setting, name, switched in _settings(switch):
        configured = setting.applied(request)
        inside = configured.namespace in gated if gated else None
        yield _PlannedRendering(configured, f"{label}{name}", switched, inside, setting != SwitchSetting())


def _settings(switch: Switch) -> Iterator[tuple[SwitchSetting, str, bool | None]]:
    """The settings to render: the default, on, on with every optional part, off, and one that fails to render."""
    if switch.on is not None and not switch.on_by_default:
        yield SwitchSetting(), _OFF, False
        yield switch.on, ", canary on", True
        if switch.everything is not None:
            yield switch.everything, ", canary on with its optional parts (load test, alerts)", True
        return
    yield SwitchSetting(), "", True if switch.on_by_default else None
    if switch.on_by_default and switch.everything is not None:
        yield switch.everything, ", with the canary's optional parts (load test, alerts)", True
    if switch.on_by_default and switch.off is not None:
        yield switch.off, _OFF, False
    for setting, _ in switch.broken[:1]:
        yield setting, ", canary on", True


def _values_combinations(engine: Engine, chart: Chart, home: RenderRequest) -> Iterator[tuple[RenderRequest, str]]:
    """The given values; if there are none, the chart's defaults and each of its values files."""
    label = namespace_label(home.namespace)
    has_values = home.sources != ValueSources()
    yield home, f"{label}, {_values_label(home.sources)}" if has_values else label
    for path in sorted(chart.files) if not has_values else ():
        if _VALUES.fullmatch(path):
            yield from _with_values_file(engine, chart, home, path, label)


def _values_label(sources: ValueSources) -> str:
    files = ", ".join(Path(file).name for file in sources.files)
    return files if files and sources == ValueSources(files=sources.files, edited=sources.edited) else "given values"


def _with_values_file(
    engine: Engine, chart: Chart, home: RenderRequest, path: str, label: str
) -> Iterator[tuple[RenderRequest, str]]:
    if not chart.packaged:
        # With the text that was checked when the chart was read: the file is not read again.
        file, text = str(chart.root / path), chart.files[path].decode("utf-8-sig", "replace")
        yield replace(home, sources=ValueSources(files=(file,), edited=((file, text),))), f"{label}, {path}"
        return
    overlay = read_bounded(engine, chart.text(path))
    if isinstance(overlay, dict):
        yield home.over(overlay), f"{label}, {path}"
