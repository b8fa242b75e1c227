"""The plan of a rollout that is under way: when the simulator expects it to be where it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.resources import CANARIES, METRIC_TEMPLATES, SCALERS, WORKLOADS
from chartgen.cluster.access.source import UnreadableError
from chartgen.errors import ChartgenError
from chartgen.flagger.canary import as_mapping, read_canary
from chartgen.manifests.manifest import value_at
from chartgen.planning.planner import plan_release
from chartgen.planning.request import CanaryContext, PlanRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.cluster.access.source import Object, Source
    from chartgen.planning.scenario_run import TickView


@dataclass(frozen=True, slots=True)
class Expectation:
    """The ticks of a rollout in which every check passes; `seconds` from its first tick to its end."""

    ticks: tuple[TickView, ...]
    reason: str = ""

    @property
    def seconds(self) -> float | None:
        return self.ticks[-1].second if self.ticks else None

    def at(self, phase: str, weight: int, iterations: int) -> TickView | None:
        """The tick after which the rollout is there, None if the plan never is."""
        found = [
            tick
            for tick in self.ticks
            if (tick.phase, round(tick.canary_weight), tick.iterations) == (phase, weight, iterations)
        ]
        if not found:
            found = [tick for tick in self.ticks if tick.phase == phase]
        return found[0] if found else None

    def left(self, tick: TickView | None) -> float | None:
        """The seconds from a tick to the end."""
        return None if tick is None or self.seconds is None else max(0.0, self.seconds - tick.second)


def expectation(canary: Object, source: Source, flagger: str, provider: str, *, bootstrap: bool) -> Expectation:
    """What the simulator expects; without ticks if it can't simulate the Canary, for a `reason`."""
    document = {
        "apiVersion": CANARIES.api_version,
        "kind": CANARIES.kind,
        "metadata": {key: canary["metadata"][key] for key in ("name", "namespace")},
        "spec": canary["spec"],
    }
    context = CanaryContext(document, (document, *_objects(document, source)), only_flagger_objects=True)
    try:
        plan = plan_release(context, PlanRequest(bootstrap=bootstrap, flagger=flagger, mesh_provider=provider))
    except ChartgenError as error:
        return Expectation((), error.message)
    run = plan.results[0].run
    return Expectation(run.ticks, run.stall or "")


def _objects(document: Mapping[str, Any], source: Source) -> Iterator[Mapping[str, Any]]:
    """The workload and what the analysis refers to, as a chart would render them."""
    canary = read_canary(document)
    names, scaler = canary.names, canary.autoscaler
    wanted = [(WORKLOADS.get(canary.target_kind), names.namespace, names.target)]
    wanted += [(SCALERS.get(scaler.kind), names.namespace, scaler.name)] if scaler else []
    wanted += [
        (METRIC_TEMPLATES, metric.template[1], metric.template[0])
        for metric in canary.analysis.metrics
        if metric.template
    ]
    for resource, namespace, name in wanted:
        try:
            body = source.get(resource, namespace, name) if resource else None
        except UnreadableError:
            body = None
        if body is not None:
            yield _as_rendered(body)


def _as_rendered(body: Object) -> Mapping[str, Any]:
    """Without the status, and with the replicas that a rollout starts with: between rollouts there are none."""
    metadata = as_mapping(body.get("metadata"))
    spec = dict(as_mapping(body.get("spec")))
    if value_at(body, ("spec", "replicas")) == 0:
        spec["replicas"] = 1
    kept = {key: metadata[key] for key in ("name", "namespace", "labels", "annotations") if key in metadata}
    return {"apiVersion": body.get("apiVersion"), "kind": body.get("kind"), "metadata": kept, "spec": spec}
