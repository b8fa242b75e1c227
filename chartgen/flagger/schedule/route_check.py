"""Does the API server accept the routes that Flagger writes for a Canary?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.behavior import behavior
from chartgen.flagger.crd.releases import NEWEST
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.reconciliation import Reconciliation
from chartgen.flagger.schedule.routers import router_of
from chartgen.flagger.schedule.routes import MIRRORED, TO_CANARY, TO_PRIMARY, Routes
from chartgen.flagger.schedule.simulation import AlwaysPassing
from chartgen.flagger.schedule.starting_state import first_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WRITTEN = (TO_PRIMARY, Routes(50, 50), TO_CANARY)


def route_error(
    canary: Mapping[str, Any], objects: Iterable[Mapping[str, Any]], flagger: str = NEWEST
) -> StepError | None:
    """The first error in writing the routes of a rollout; None if all are accepted.

    A refusal by the provider's CRD is a RouteRefusedError. `canary` must have its `spec.provider`.
    """
    state = first_state(canary, objects)
    run = Reconciliation(state, AlwaysPassing(state.canary), 0, 0.0, behavior(flagger))
    router = router_of(state.canary.provider)
    written = (*_WRITTEN, MIRRORED) if state.canary.analysis.mirror else _WRITTEN
    try:
        router.reconcile(run)
        for routes in written:
            router.set_routes(run, routes)
    except StepError as error:
        return error
    return None
