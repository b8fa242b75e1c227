"""Does Flagger promote a release in which every check passes?

`chartgen plan` shows this run tick by tick; lint only asks how it ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import read_canary
from chartgen.planning.default_objects import cluster_objects
from chartgen.planning.request import CanaryContext
from chartgen.planning.scenario_run import Ending
from chartgen.planning.scenarios import SUCCESS
from chartgen.planning.simulated_release import prepare_release
from chartgen.planning.startup import pod_start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chartgen.planning.scenario_run import ScenarioRun

# A rollout that takes longer is left to `chartgen plan`.
_MAX_TICKS = 250


@dataclass(frozen=True, slots=True)
class Success:
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
    return Success(run.ending, failure_reason(run), assumed)


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
