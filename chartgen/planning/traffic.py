"""The traffic of a plan, as its checks see it: which requests a query counts, in which series, and load tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_int
from chartgen.flagger.providers import Series, observer_of
from chartgen.flagger.schedule import observer_name
from chartgen.manifests.manifest import value_at
from chartgen.planning.detection.model import Traffic
from chartgen.planning.load_tests import load_tests
from chartgen.planning.no_values import no_values_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chartgen.flagger.canary import Canary
    from chartgen.planning.simulation_settings import SimulationSettings

_SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
_MINIMA = {"HorizontalPodAutoscaler": "minReplicas", "ScaledObject": "minReplicaCount"}


@dataclass(frozen=True, slots=True)
class Pods:
    """The pods of the new version; `source` is for reports."""

    count: int
    source: str


def pods_of(canary: Canary, objects: Iterable[Mapping[str, Any]], given: int | None) -> Pods:
    """The given number, the minimum of the target's autoscaler, or the target's replicas."""
    if given is not None:
        return Pods(given, "from --pods")
    target = None
    for body in objects:
        kind, spec = body.get("kind"), body.get("spec") or {}
        if kind in _SCALERS and value_at(spec, ("scaleTargetRef", "name")) == canary.names.target:
            return Pods(max(1, as_int(spec.get(_MINIMA[kind]), 1)), f"the minimum of the {kind}")
        if kind == canary.target_kind and value_at(body, ("metadata", "name")) == canary.names.target:
            target = spec
    if target is not None and canary.target_kind == "Deployment":
        return Pods(max(1, as_int(target.get("replicas"), 1)), "the Deployment's replicas")
    return Pods(1, "assumed; set --pods")


def traffic_of(canary: Canary, settings: SimulationSettings, pods: Pods) -> Traffic:
    """The traffic for the detection of bad releases; `settings.rps` must be set."""
    observer, loads = observer_of(observer_name(canary)), load_tests(canary)
    given = settings.synthetic_rps
    return Traffic(
        user_rps=settings.rps or 0.0,
        synthetic_rps=sum(load.rps for load in loads) if given is None else given,
        scrape_seconds=settings.scrape_seconds,
        at_gateway=bool(loads) and all(load.at_gateway for load in loads),
        both_versions=observer.both_versions,
        targets=pods.count if observer.series is Series.PODS else 1,
        lasting=observer.series is Series.PROXY,
        blind=no_values_reason(canary) is not None,
    )


def describe_counters(traffic: Traffic, pods: Pods) -> str:
    """What a metrics server counts, for reports."""
    if not traffic.scrape_seconds:
        return "ideal counters, which include every request at once"
    scraped = f"scraped every {traffic.scrape_seconds:g} s"
    if traffic.lasting:
        return f"rate() over the series of one proxy, which exist since earlier releases, {scraped}"
    count = "1 pod" if traffic.targets == 1 else f"{traffic.targets} pods"
    return f"rate() over new series of {count} ({pods.source}), {scraped}"
