"""The releases of a chart that are looked at: inside and outside its gate, switch on and off, each values file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.errors import LimitExceeded, RenderError
from chartgen.helm.request import RenderRequest, ValueSources
from chartgen.manifests.documents import read_bounded
from chartgen.manifests.rendering import Rendering, render
from chartgen.manifests.switches import Switch, find_switch
from chartgen.manifests.switches.gates import gated_namespaces
from chartgen.manifests.switches.switch import SwitchSetting, renders_canary
from chartgen.manifests.tracing.printed_line import with_line
from chartgen.rules.releases import ELSEWHERE, FailedRelease, Releases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine

# What users keep beside a chart: chart-testing's files, and those of their environments.
_VALUES = re.compile(r"(?:ci/[^/]*values|values-[^/]+)\.ya?ml")


@dataclass(frozen=True, slots=True)
class _Release:
    request: RenderRequest
    label: str
    switched: bool | None
    gated: bool | None


def render_matrix(
    engine: Engine,
    chart: Chart,
    base: RenderRequest,
    namespaces: tuple[str, ...] = (),
    asked: tuple[RenderRequest, ...] = (),
) -> Releases:
    """Render all releases of one chart. `namespaces` are those to render in; without any, those of the chart's gate.

    `asked` are the releases that a configuration names, in place of the chart's defaults and its values files.
    """
    try:
        return _matrix(engine, chart, base, namespaces, asked)
    except LimitExceeded as error:
        return Releases(chart, engine, (), (), Switch(None, None), exceeded=error)


def _matrix(
    engine: Engine,
    chart: Chart,
    base: RenderRequest,
    namespaces: tuple[str, ...],
    asked: tuple[RenderRequest, ...],
) -> Releases:
    base, asked = base.as_served(), tuple(one.as_served() for one in asked)
    gated = gated_namespaces(chart)
    home = asked[0] if asked else replace(base, namespace=(namespaces or gated or (base.namespace,))[0])
    switch = find_switch(engine, chart, home)
    gated = tuple(namespace for namespace in gated if _is_open(engine, chart, home, switch, namespace))
    fixed = _fixed_namespace(engine, chart, home, switch) if not namespaces and not gated else None
    if fixed:
        home, gated = replace(home, namespace=fixed), (fixed,)
    renderings: list[Rendering] = []
    failures: list[FailedRelease] = []
    for release in _releases(engine, chart, asked or (home,), switch, gated):
        try:
            seen = render(engine, chart, release.request, release.label)
        except RenderError as refusal:
            error = with_line(engine, chart, release.request, refusal)
            failures.append(FailedRelease(release.request, release.label, error, release.switched, release.gated))
            continue
        if not any(_same(seen, other, release) for other in renderings):
            renderings.append(replace(seen, switched=release.switched, gated=release.gated))
    siblings = tuple(renderings)
    with_siblings = tuple(replace(one, siblings=tuple(s for s in siblings if s is not one)) for one in renderings)
    return Releases(chart, engine, with_siblings, tuple(failures), switch, gated)


def _fixed_namespace(engine: Engine, chart: Chart, home: RenderRequest, switch: Switch) -> str | None:
    """The namespace that is written into the Canary itself: the release then belongs there."""
    try:
        seen = render(engine, chart, (switch.on or SwitchSetting()).applied(home), "home")
    except RenderError:
        return None
    written = {canary.namespace for canary in seen.of_kind("Canary")}
    return next(iter(written)) if len(written) == 1 and home.namespace not in written else None


def _is_open(engine: Engine, chart: Chart, home: RenderRequest, switch: Switch, namespace: str) -> bool:
    """Whether the Canary renders in a namespace its gate names: `ne` names those it stays away from."""
    turned = (switch.on or SwitchSetting()).applied(home)
    try:
        return renders_canary(engine.render(chart, replace(turned, namespace=namespace)))
    except RenderError:
        return True


def _same(seen: Rendering, other: Rendering, release: _Release) -> bool:
    """Whether a rendering says nothing new: same texts for the same namespace and the same state of the switch."""
    return (
        seen.texts == other.texts
        and other.request.namespace == release.request.namespace
        and (other.switched == release.switched or release.switched is None)
    )


def _releases(
    engine: Engine, chart: Chart, homes: tuple[RenderRequest, ...], switch: Switch, gated: tuple[str, ...]
) -> Iterator[_Release]:
    home = homes[0]
    for one in homes:
        for sources, label in _values_sets(engine, chart, one):
            yield from _turned(sources, label, switch, gated)
    if switch.on is None and not switch.sites:
        return  # no canary: nothing depends on the namespace
    outside = replace(home, namespace=ELSEWHERE)
    for turn, name, switched in _turns(switch):
        moved = replace(turn.applied(outside), namespace=ELSEWHERE)
        yield _Release(moved, f"any other namespace{name}", switched, False if gated else None)


def _turned(request: RenderRequest, label: str, switch: Switch, gated: tuple[str, ...]) -> Iterator[_Release]:
    for turn, name, switched in _turns(switch):
        turned = turn.applied(request)
        inside = turned.namespace in gated if gated else None
        yield _Release(turned, f"{label}{name}", switched, inside)


def _turns(switch: Switch) -> Iterator[tuple[SwitchSetting, str, bool | None]]:
    """The switch as the values have it, on, with all that hangs on it, off, and the turns that end in an error."""
    if switch.on is not None and not switch.on_by_default:
        yield SwitchSetting(), ", canary off", False
        yield switch.on, ", canary on", True
        if switch.everything is not None:
            yield switch.everything, ", canary on with all its parts", True
        return
    yield SwitchSetting(), "", True if switch.on_by_default else None
    if switch.on_by_default and switch.everything is not None:
        yield switch.everything, ", canary with all its parts", True
    if switch.on_by_default and switch.off is not None:
        yield switch.off, ", canary off", False
    for turn, _ in switch.broken[:1]:
        yield turn, ", canary on", True


def _values_sets(engine: Engine, chart: Chart, home: RenderRequest) -> Iterator[tuple[RenderRequest, str]]:
    """The values as given; without any given, the chart's defaults and each of its values files."""
    place = f"namespace {home.namespace}"
    given = home.sources != ValueSources()
    yield home, f"{place}, {_told(home.sources)}" if given else place
    for path in sorted(chart.files) if not given else ():
        if _VALUES.fullmatch(path):
            yield from _ci(engine, chart, home, path, place)


def _told(sources: ValueSources) -> str:
    files = ", ".join(Path(file).name for file in sources.files)
    return files if files and sources == ValueSources(files=sources.files, edited=sources.edited) else "given values"


def _ci(
    engine: Engine, chart: Chart, home: RenderRequest, path: str, place: str
) -> Iterator[tuple[RenderRequest, str]]:
    if not chart.packaged:
        # With the text that was let in: what the path leads to on disk is not read again.
        file, text = str(chart.root / path), chart.files[path].decode("utf-8-sig", "replace")
        yield replace(home, sources=ValueSources(files=(file,), edited=((file, text),))), f"{place}, {path}"
        return
    overlay = read_bounded(engine, chart.text(path))
    if isinstance(overlay, dict):
        yield home.over(overlay), f"{place}, {path}"
