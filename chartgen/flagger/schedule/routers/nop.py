"""Provider kubernetes: no routes at all (pkg/router/nop.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.schedule.routers.router import TOTAL, Routes

if TYPE_CHECKING:
    from chartgen.flagger.schedule.reconciliation import Reconciliation


class NopRouter:
    def reconcile(self, run: Reconciliation) -> None:
        """Nothing to write."""

    def routes(self, run: Reconciliation) -> Routes:
        """Everything counts as the canary's once there was an iteration."""
        return Routes(0, TOTAL) if run.cd.iterations > 0 else Routes(TOTAL, 0)

    def set_routes(self, run: Reconciliation, primary: int, canary: int, *, mirrored: bool = False) -> None:
        """Nothing to write."""

    def finalize(self, run: Reconciliation) -> None:
        """Nothing to give back."""
