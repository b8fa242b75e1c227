"""Compares what a release wants with what its primary runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.resources import CANARIES, EVENTS, WORKLOADS
from chartgen.cluster.access.source import UnreadableError
from chartgen.cluster.drift.gitops import names_given_to, objects_that_want
from chartgen.cluster.drift.helm_history import revisions
from chartgen.cluster.drift.sites import Finder
from chartgen.cluster.drift.versions import Change, chart_of, image_changes, images_of
from chartgen.flagger.canary import as_mapping, as_str, read_canary
from chartgen.flagger.schedule.state import BOOTSTRAP_PHASES, FAILED, RUN_PHASES
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.cluster.access.live import LiveSource
    from chartgen.cluster.access.source import Object
    from chartgen.cluster.drift.helm_history import Revision
    from chartgen.cluster.drift.sites import Site
    from chartgen.flagger.canary import Canary

_RELEASE = "meta.helm.sh/release-name"


@dataclass(frozen=True, slots=True)
class Drift:
    """One Canary. `under_way`: its rollout isn't over, so nothing is said about it.

    `release`: the Helm release, empty if unknown. `apps`: the names by which files may know the app. `reason`: why
    Flagger rolled back, empty if unknown. `objects`: where HelmReleases and Applications of the cluster say the desired
    version. `notes`: what couldn't be read.
    """

    canary: str
    namespace: str
    phase: str
    changes: tuple[Change, ...]
    release: str
    apps: frozenset[str]
    reason: str = ""
    under_way: bool = False
    objects: tuple[Site, ...] = ()
    notes: tuple[str, ...] = ()


def drifts(source: LiveSource, namespace: str, *, canary: str = "", release: str = "") -> list[Drift]:
    """The drift of each Canary of a namespace, or of those that are named."""
    found = [
        each
        for each in source.items(CANARIES, namespace)
        if canary in {"", as_str(value_at(each, ("metadata", "name")))}
    ]
    compared = [_compare(source, each) for each in found]
    return [each for each in compared if release in {"", each.release}]


def runs_what_is_wanted(source: LiveSource, body: Object) -> bool:
    """Whether the images of a Canary's target and primary are the same now; False if they can't be read."""
    try:
        pair = _workloads(source, read_canary(body))
    except UnreadableError:
        return False
    return all(pair) and not image_changes(pair[0] or {}, pair[1] or {})


def _workloads(source: LiveSource, canary: Canary) -> tuple[Object | None, Object | None]:
    """The target and its primary, None for one that there isn't."""
    resource, names = WORKLOADS.get(canary.target_kind), canary.names
    if resource is None:
        return None, None
    return source.get(resource, names.namespace, names.target), source.get(resource, names.namespace, names.primary)


def _compare(source: LiveSource, body: Object) -> Drift:
    canary = read_canary(body)
    names, phase = canary.names, as_str(value_at(body, ("status", "phase")))
    target, primary = _workloads(source, canary)
    release = _release(body, target)
    own = {names.canary, names.target, release, chart_of(target or {})[0]} - {""}
    apps = frozenset(own | names_given_to(target or {}))
    under_way = phase in RUN_PHASES | BOOTSTRAP_PHASES
    if under_way or target is None or primary is None:
        missing = () if under_way else (f"no {canary.target_kind} {names.target} with its primary",)
        return Drift(names.canary, names.namespace, phase, (), release, apps, under_way=under_way, notes=missing)
    changes, notes = image_changes(target, primary), []
    try:
        history = revisions(source, names.namespace, release) if release and changes else []
    except UnreadableError as error:
        history, notes = [], [f"Helm's history can't be read: {error.reason}"]
    changes += _chart_changes(target, primary, history) if changes else []
    reason = _reason(source, canary) if phase == FAILED and changes else ""
    finder = Finder(tuple(changes), apps, names.namespace)
    objects, unread = objects_that_want(source, finder) if changes else ((), [])
    return Drift(
        names.canary, names.namespace, phase, tuple(changes), release, apps,
        reason, objects=objects, notes=(*notes, *unread),
    )  # fmt: skip


def _release(canary: Object, target: Object | None) -> str:
    owners = (as_mapping(value_at(each, ("metadata", "annotations"))).get(_RELEASE) for each in (canary, target or {}))
    return next((as_str(owner) for owner in owners if owner), "")


def _chart_changes(target: Mapping[str, Any], primary: Mapping[str, Any], history: list[Revision]) -> list[Change]:
    """The version of the chart, by Helm's history, else by the labels of both workloads."""
    running_images = images_of(primary).values()
    before = next((each for each in history if each.runs(running_images)), None)
    if history and before:
        desired, running = (history[0].chart, history[0].version), (before.chart, before.version)
    else:
        desired, running = chart_of(target), chart_of(primary)
    known = all(desired) and all(running) and desired[0] == running[0]
    return [Change("chart", desired[0], desired[1], running[1])] if known and desired != running else []


def _reason(source: LiveSource, canary: Canary) -> str:
    """Flagger's last word before the rollback: the check that failed."""
    names = canary.names
    try:
        events = source.items(EVENTS, names.namespace)
    except UnreadableError:
        return ""
    own = [
        each
        for each in events
        if value_at(each, ("involvedObject", "kind")) == CANARIES.kind
        and value_at(each, ("involvedObject", "name")) == names.canary
        and as_str(each.get("message")).startswith(("Halt", "Rolling back"))
    ]
    last = sorted(own, key=lambda each: as_str(each.get("lastTimestamp")))
    halts = [as_str(each.get("message")) for each in last if as_str(each.get("message")).startswith("Halt")]
    return (halts or [as_str(each.get("message")) for each in last] or [""])[-1]
