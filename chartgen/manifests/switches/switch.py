"""The smallest change for which Helm renders a chart's Canary, and the one for which it no longer does."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.errors import RenderError
from chartgen.helm.request import RenderRequest, merged
from chartgen.manifests.documents import read_values
from chartgen.manifests.switches.environment import Environment
from chartgen.manifests.switches.kinds import renders_canary
from chartgen.manifests.switches.sites import conditions_in, dependency_conditions, sites
from chartgen.manifests.switches.solver import SWITCH_KEYS, Assignment, all_of, solutions
from chartgen.manifests.switches.symbols import refs_in
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.manifests.switches.sites import Site
    from chartgen.manifests.switches.symbols import Branch

_MOST_TRIED = 40
_CANARY_WORD = lazy_pattern(r"canar|flagger|progressive|rollout", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SwitchSetting:
    """Values, namespace, and API versions that switch the Canary; empty if nothing needs to change."""

    overlay: Mapping[str, Any] = field(default_factory=dict)
    namespace: str | None = None
    api_versions: tuple[str, ...] = ()

    def applied(self, request: RenderRequest) -> RenderRequest:
        """The request with this setting."""
        return replace(
            request,
            overlay=merged(request.overlay, self.overlay),
            namespace=self.namespace or request.namespace,
            api_versions=(*request.api_versions, *self.api_versions),
        )


class Switch(NamedTuple):
    """The settings that switch a chart's Canary.

    `on` switches it on: an empty SwitchSetting if it is on by default, None if no setting that was tried renders it.
    `off` switches it off, None if no setting does. `everything` also switches on the parts of the Canary that are off
    (load tests, alerts), None if there are none. `broken` are settings that should render the Canary but end in an
    error of Helm, the likeliest first.
    """

    on: SwitchSetting | None
    off: SwitchSetting | None
    everything: SwitchSetting | None = None
    broken: tuple[tuple[SwitchSetting, RenderError], ...] = ()
    sites: tuple[Site, ...] = ()

    @property
    def on_by_default(self) -> bool:
        return self.on == SwitchSetting()

    def asks(self, path: tuple[str, ...]) -> bool:
        """Whether a condition around the object reads this value itself, and not only a map around it."""
        asked = (read for site in self.sites for branch in site.branches for read in refs_in(branch.symbol))
        return ("Values", *path) in asked


def find_switch(engine: Engine, chart: Chart, request: RenderRequest, kind: str = "Canary") -> Switch:
    """The settings for which this release of the chart renders an object of `kind`, and doesn't."""
    found = tuple(sites(chart, kind))
    if not found:
        return Switch(SwitchSetting() if _renders(engine, chart, request, kind) is True else None, None)
    environment = _environment(engine, chart, request)
    if _renders(engine, chart, request, kind) is True:
        off = _off(engine, chart, request, kind, found, environment)
        everything = _everything(engine, chart, request, kind, found, environment, SwitchSetting())
        return Switch(SwitchSetting(), off, everything, (), found)
    broken: list[tuple[SwitchSetting, RenderError]] = []
    for setting in islice(_settings(found, environment), _MOST_TRIED):
        answer = _renders(engine, chart, setting.applied(request), kind)
        if answer is True:
            everything = _everything(engine, chart, request, kind, found, environment, setting)
            return Switch(setting, SwitchSetting(), everything, tuple(broken), found)
        if isinstance(answer, RenderError):
            broken.append((setting, answer))
    return Switch(None, SwitchSetting(), None, tuple(broken), found)


def settings_to_try(engine: Engine, chart: Chart, request: RenderRequest, kind: str) -> Iterator[SwitchSetting]:
    """Settings that should each render an object of `kind` that this release may leave out, the smallest first."""
    found = tuple(sites(chart, kind))
    if found:
        yield from islice(_settings(found, _environment(engine, chart, request)), _MOST_TRIED)


def _renders(engine: Engine, chart: Chart, request: RenderRequest, kind: str) -> bool | RenderError:
    try:
        texts = engine.render(chart, request)
    except RenderError as error:
        return error
    return renders_canary(texts, kind)


def _environment(engine: Engine, chart: Chart, request: RenderRequest) -> Environment:
    release = {"Name": request.release_name, "Namespace": request.namespace, "IsInstall": True, "Service": "Helm"}
    try:
        values = read_values(engine, chart, request)
    except RenderError:
        values = {}
    return Environment(chart, {"Values": values, "Release": release, "Chart": {"Name": chart.name}})


def _settings(found: tuple[Site, ...], environment: Environment) -> Iterator[SwitchSetting]:
    """Settings to try, the smallest first: solutions of the conditions, then keys that look like a switch."""
    seen: list[SwitchSetting] = [SwitchSetting()]
    assignments: list[Assignment] = []
    for site in found:
        branches = (*dependency_conditions(environment.chart, site.path), *site.branches)
        assignments += islice(all_of(branches, environment), _MOST_TRIED)
    for assignment in [*sorted(assignments, key=len), *_guesses(environment)]:
        setting = _setting(assignment, environment)
        if setting not in seen:
            seen.append(setting)
            yield setting


def _guesses(environment: Environment) -> Iterator[Assignment]:
    """Booleans of the values that look like the Canary's switch, one by one and all together."""
    paths = [path for path, value in _leaves(environment.root["Values"]) if value is False and _looks_like_switch(path)]
    for path in paths:
        yield {("Values", *path): True}
    if len(paths) > 1:
        yield {("Values", *path): True for path in paths}


def _looks_like_switch(path: tuple[str | int, ...]) -> bool:
    return any(_CANARY_WORD.search(str(step)) for step in path) and str(path[-1]) in (*SWITCH_KEYS, "canary", "flagger")


def _leaves(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, (*path, key))
    else:
        yield path, node


def _setting(assignment: Assignment, environment: Environment) -> SwitchSetting:
    overlay: dict[str, Any] = {}
    for path, value in assignment.items():
        if path[0] == "Values":
            overlay = merged(overlay, _overlay(path[1:], value, environment.root["Values"], overlay))
    namespace = assignment.get(("Release", "Namespace"))
    api_versions = tuple(str(path[2]) for path in assignment if path[:2] == ("Capabilities", "APIVersions"))
    return SwitchSetting(overlay, str(namespace) if namespace else None, api_versions)


def _overlay(path: tuple[str | int, ...], value: Any, values: Any, overlay: Mapping[str, Any]) -> dict[str, Any]:
    """`value` at `path` as an overlay; a list on the way is copied as a whole, since Helm replaces lists."""
    first, *rest = path
    current = overlay.get(str(first), values.get(first) if isinstance(values, dict) else None)
    return {str(first): _set_below(current, tuple(rest), value)}


def _set_below(current: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(current, list) and isinstance(step, int) and step < len(current):
        copy = deepcopy(current)
        copy[step] = _completed(copy[step], rest, value)
        return copy
    child = current.get(step) if isinstance(current, dict) else None
    return {str(step): _set_below(child, rest, value)}


def _completed(current: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """Helm doesn't merge inside a list, so maps in a copied list must be complete."""
    changed = _set_below(current, path, value)
    return merged(current, changed) if isinstance(current, dict) and isinstance(changed, dict) else changed


def _off(
    engine: Engine, chart: Chart, request: RenderRequest, kind: str, found: Iterable[Site], environment: Environment
) -> SwitchSetting | None:
    """The setting that removes a Canary that is on by default: conditions that mention a canary are tried first."""
    branches: list[Branch] = []
    for site in found:
        conditions = (*dependency_conditions(environment.chart, site.path), *site.branches)
        branches += [branch for branch in reversed(conditions) if branch not in branches]
    branches.sort(key=lambda branch: not _CANARY_WORD.search(repr(branch.symbol)))
    for branch in branches:
        for assignment in islice(solutions(branch.symbol, not branch.wanted, environment), 4):
            setting = _setting({path: value for path, value in assignment.items() if path[0] == "Values"}, environment)
            if setting.overlay and _renders(engine, chart, setting.applied(request), kind) is False:
                return setting
    return None


def _everything(
    engine: Engine,
    chart: Chart,
    request: RenderRequest,
    kind: str,
    found: tuple[Site, ...],
    environment: Environment,
    on: SwitchSetting,
) -> SwitchSetting | None:
    """`on` with every switch in the Canary's own file set to true, if Helm still renders the Canary."""
    setting = on
    for path in sorted({site.path for site in found}):
        for assignment in _part_assignments(chart, path, environment):
            part = _setting(assignment, environment)
            wider = replace(setting, overlay=merged(setting.overlay, part.overlay))
            if wider != setting and _renders(engine, chart, wider.applied(request), kind) is True:
                setting = wider
    return setting if setting != on else None


def _part_assignments(chart: Chart, path: str, environment: Environment) -> Iterator[Assignment]:
    """The assignments that make a condition of the file true by setting switches that are false."""
    for branch in conditions_in(chart, path):
        for assignment in islice(solutions(branch.symbol, True, environment), 1):
            values = {route: value for route, value in assignment.items() if route[0] == "Values"}
            if values and all(_is_switch_off(route, value, environment) for route, value in values.items()):
                yield values


def _is_switch_off(path: tuple[str | int, ...], solution: Any, environment: Environment) -> bool:
    """Whether the solution sets a switch that is false. `skipAnalysis: false`, for example, isn't a switch."""
    return solution is True and environment.at(path) is False and path[-1] in SWITCH_KEYS
