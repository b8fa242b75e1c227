"""Does Flagger promote a release in which every check passes?

`chartgen plan` shows this run tick by tick; lint only asks how it ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.flagger.canary import read_canary
from chartgen.flagger.schedule import NO_VALUES, observer_name, passing_answer
from chartgen.planning.default_objects import cluster_objects
from chartgen.planning.no_values import no_values_reason
from chartgen.planning.request import CanaryContext
from chartgen.planning.scenario_run import Ending
from chartgen.planning.scenarios import SUCCESS
from chartgen.planning.simulated_release import prepare_release
from chartgen.planning.startup import pod_start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chartgen.flagger.canary import Canary
    from chartgen.planning.scenario_run import ScenarioRun

# A rollout that takes longer is left to `chartgen plan`.
_MAX_TICKS = 250


class Success(NamedTuple):
    """How the run ends, why if it isn't promoted (`reason`), and what had to be assumed about the cluster."""

    ending: Ending
    reason: str | None
    assumed: tuple[str, ...]

    @property
    def promoted(self) -> bool:
        """True also if the run takes longer than is played."""
        return self.reason is None


def play_success(
    document: Mapping[str, Any], objects: Sequence[Mapping[str, Any]], *, provider: str, flagger: str
) -> Success:
    """Play the release of a Canary that the API server accepts, with everything that it references in place.

    `provider`: that of a Canary without `spec.provider`. Objects that the input doesn't contain are assumed to exist.
    """
    canary = read_canary(with_provider(document, provider))
    context = CanaryContext(canary.manifest, tuple(objects), only_flagger_objects=True)
    around, assumed = cluster_objects(context, canary)
    target = next(
        (
            body
            for body in around
            if (body.get("kind"), (body.get("metadata") or {}).get("name")) == (canary.target_kind, canary.names.target)
        ),
        None,
    )
    release = prepare_release(canary, around, flagger=flagger, pod_start=pod_start(target).ready)
    run = release.run(SUCCESS, max_ticks=_MAX_TICKS)
    reason = failure_reason(run)
    return Success(run.ending, reason and (_impossible_check(canary) or reason), assumed)


def _impossible_check(canary: Canary) -> str | None:
    """A metric that no answer passes, None without one."""
    if no_values_reason(canary):
        return None
    for metric in canary.analysis.metrics:
        source = "builtin" if metric.is_builtin else "query"
        if metric.has_source and passing_answer(metric, source, observer_name(canary)) == NO_VALUES:
            limits = (("at least", metric.minimum), ("at most", metric.maximum))
            wanted = " and ".join(f"{words} {limit:g}" for words, limit in limits if limit is not None)
            return f"no value passes the check of metric {metric.name}, which must be {wanted}"
    return None


def failure_reason(run: ScenarioRun) -> str | None:
    """Why a run in which every check passes doesn't end in a promotion; None if it does, or was cut."""
    if run.ending is Ending.ROLLED_BACK:
        last_warnings = [event.text for tick in run.ticks for event in tick.events if event.type == "Warning"]
        reason = f": {last_warnings[0]}" if last_warnings else ""
        return f"Flagger rolls back the release although every check passes{reason}"
    return run.stall


def with_provider(manifest: Mapping[str, Any], provider: str) -> Mapping[str, Any]:
    """With the controller's provider, where the Canary has none. For Knative, Flagger requires it in the Canary."""
    spec = manifest.get("spec") or {}
    if spec.get("provider") or not provider or provider == "knative":
        return manifest
    return {**manifest, "spec": {**spec, "provider": provider}}
