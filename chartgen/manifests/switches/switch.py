"""The smallest change under which Helm renders a chart's Canary, and the one under which it no longer does."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from chartgen.errors import RenderError
from chartgen.helm.request import RenderRequest, merged
from chartgen.manifests.documents import read_values
from chartgen.manifests.switches.environment import Environment
from chartgen.manifests.switches.sites import conditions_in, dependency_conditions, sites
from chartgen.manifests.switches.solver import SWITCH_KEYS, Assignment, all_of, solutions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.manifests.switches.sites import Site
    from chartgen.manifests.switches.symbols import Branch

_MOST_TRIED = 40
_TELLING = re.compile(r"canar|flagger|progressive|rollout", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SwitchSetting:
    """One setting of the switch. Empty where nothing needs to change."""

    overlay: Mapping[str, Any] = field(default_factory=dict)
    namespace: str | None = None
    api_versions: tuple[str, ...] = ()

    def applied(self, request: RenderRequest) -> RenderRequest:
        """The request with the switch set."""
        return replace(
            request,
            overlay=merged(request.overlay, self.overlay),
            namespace=self.namespace or request.namespace,
            api_versions=(*request.api_versions, *self.api_versions),
        )


@dataclass(frozen=True, slots=True)
class Switch:
    """How a chart's Canary is switched.

    `on` is what turns it on: an empty SwitchSetting where it is on by default, None where nothing that was tried
    renders one;
    `off` what turns it off (None where nothing does), `everything` what also turns on the parts of the Canary that are
    off (load tests, alerts), None where there are none. `broken` are the turns that ought to show the Canary and end in
    an error of Helm's, the likeliest first.
    """

    on: SwitchSetting | None
    off: SwitchSetting | None
    everything: SwitchSetting | None = None
    broken: tuple[tuple[SwitchSetting, RenderError], ...] = ()
    sites: tuple[Site, ...] = ()

    @property
    def on_by_default(self) -> bool:
        return self.on == SwitchSetting()


def find_switch(engine: Engine, chart: Chart, request: RenderRequest, kind: str = "Canary") -> Switch:
    """How this release of the chart is made to render an object of `kind`, and made not to."""
    found = tuple(sites(chart, kind))
    if not found:
        return Switch(SwitchSetting() if _renders(engine, chart, request, kind) is True else None, None)
    known = _known(engine, chart, request)
    if _renders(engine, chart, request, kind) is True:
        off = _off(engine, chart, request, kind, found, known)
        return Switch(
            SwitchSetting(), off, _everything(engine, chart, request, kind, found, known, SwitchSetting()), (), found
        )
    broken: list[tuple[SwitchSetting, RenderError]] = []
    for turn in islice(_turns(found, known), _MOST_TRIED):
        answer = _renders(engine, chart, turn.applied(request), kind)
        if answer is True:
            everything = _everything(engine, chart, request, kind, found, known, turn)
            return Switch(turn, SwitchSetting(), everything, tuple(broken), found)
        if isinstance(answer, RenderError):
            broken.append((turn, answer))
    return Switch(None, SwitchSetting(), None, tuple(broken), found)


def _renders(engine: Engine, chart: Chart, request: RenderRequest, kind: str) -> bool | RenderError:
    try:
        texts = engine.render(chart, request)
    except RenderError as error:
        return error
    return renders_canary(texts, kind)


def renders_canary(texts: Mapping[str, str], kind: str = "Canary") -> bool:
    """Whether rendered texts hold an object of `kind`."""
    spelled = re.compile(rf"^[ \t]*[\"']?kind[\"']?:[ \t]*[\"']?{kind}\b", re.MULTILINE)
    return any(spelled.search(text) for text in texts.values())


def _known(engine: Engine, chart: Chart, request: RenderRequest) -> Environment:
    release = {"Name": request.release_name, "Namespace": request.namespace, "IsInstall": True, "Service": "Helm"}
    try:
        values = read_values(engine, chart, request)
    except RenderError:
        values = {}
    return Environment(chart, {"Values": values, "Release": release, "Chart": {"Name": chart.name}})


def _turns(found: tuple[Site, ...], known: Environment) -> Iterator[SwitchSetting]:
    """What to try, the smallest and likeliest first: what the conditions ask for, then keys that look like a switch."""
    seen: list[SwitchSetting] = [SwitchSetting()]
    ways: list[Assignment] = []
    for site in found:
        branches = (*dependency_conditions(known.chart, site.path), *site.branches)
        ways += islice(all_of(branches, known), _MOST_TRIED)
    for settings in [*sorted(ways, key=len), *_guesses(known)]:
        turn = _turn(settings, known)
        if turn not in seen:
            seen.append(turn)
            yield turn


def _guesses(known: Environment) -> Iterator[Assignment]:
    """Booleans of the values that stand below a telling name, one by one and all together."""
    paths = [path for path, value in _leaves(known.root["Values"]) if value is False and _is_telling(path)]
    for path in paths:
        yield {("Values", *path): True}
    if len(paths) > 1:
        yield {("Values", *path): True for path in paths}


def _is_telling(path: tuple[str | int, ...]) -> bool:
    return any(_TELLING.search(str(step)) for step in path) and str(path[-1]) in (*SWITCH_KEYS, "canary", "flagger")


def _leaves(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, (*path, key))
    else:
        yield path, node


def _turn(settings: Assignment, known: Environment) -> SwitchSetting:
    overlay: dict[str, Any] = {}
    for path, value in settings.items():
        if path[0] == "Values":
            overlay = merged(overlay, _overlay(path[1:], value, known.root["Values"], overlay))
    namespace = settings.get(("Release", "Namespace"))
    apis = tuple(str(path[2]) for path in settings if path[:2] == ("Capabilities", "APIVersions"))
    return SwitchSetting(overlay, str(namespace) if namespace else None, apis)


def _overlay(path: tuple[str | int, ...], value: Any, values: Any, laid: Mapping[str, Any]) -> dict[str, Any]:
    """`value` at `path` below what is there; a list on the way is copied whole, since Helm replaces lists."""
    first, *rest = path
    held = laid.get(str(first), values.get(first) if isinstance(values, dict) else None)
    return {str(first): _set_below(held, tuple(rest), value)}


def _set_below(held: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(held, list) and isinstance(step, int) and step < len(held):
        copy = deepcopy(held)
        copy[step] = _whole(copy[step], rest, value)
        return copy
    inner = held.get(step) if isinstance(held, dict) else None
    return {str(step): _set_below(inner, rest, value)}


def _whole(held: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """Inside a copied list nothing is merged any more, so maps are completed here."""
    below = _set_below(held, path, value)
    return merged(held, below) if isinstance(held, dict) and isinstance(below, dict) else below


def _off(
    engine: Engine, chart: Chart, request: RenderRequest, kind: str, found: Iterable[Site], known: Environment
) -> SwitchSetting | None:
    """What makes a Canary that is on by default go: the condition that looks most like its switch first."""
    branches: list[Branch] = []
    for site in found:
        conditions = (*dependency_conditions(known.chart, site.path), *site.branches)
        branches += [one for one in reversed(conditions) if one not in branches]
    branches.sort(key=lambda one: not _TELLING.search(repr(one.symbol)))
    for branch in branches:
        for settings in islice(solutions(branch.symbol, not branch.wanted, known), 4):
            turn = _turn({path: value for path, value in settings.items() if path[0] == "Values"}, known)
            if turn.overlay and _renders(engine, chart, turn.applied(request), kind) is False:
                return turn
    return None


def _everything(
    engine: Engine,
    chart: Chart,
    request: RenderRequest,
    kind: str,
    found: tuple[Site, ...],
    known: Environment,
    on: SwitchSetting,
) -> SwitchSetting | None:
    """`on`, and every false boolean that a condition in the Canary's own file asks for, as far as it still renders."""
    turn = on
    for path in sorted({site.path for site in found}):
        for settings in _parts(chart, path, known):
            more = _turn(settings, known)
            wider = replace(turn, overlay=merged(turn.overlay, more.overlay))
            if wider != turn and _renders(engine, chart, wider.applied(request), kind) is True:
                turn = wider
    return turn if turn != on else None


def _parts(chart: Chart, path: str, known: Environment) -> Iterator[Assignment]:
    """What opens each condition of a file: booleans that are there and false."""
    for branch in conditions_in(chart, path):
        for settings in islice(solutions(branch.symbol, True, known), 1):
            values = {where: value for where, value in settings.items() if where[0] == "Values"}
            if values and all(_is_switch_off(where, value, known) for where, value in values.items()):
                yield values


def _is_switch_off(where: tuple[str | int, ...], wished: Any, known: Environment) -> bool:
    """Only what is called a switch: `skipAnalysis: false` is a decision, not a part that is off."""
    return wished is True and known.at(where) is False and where[-1] in SWITCH_KEYS
