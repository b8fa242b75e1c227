"""Provider kubernetes: no routes at all (pkg/router/nop.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.schedule.routes import TO_CANARY, TO_PRIMARY, Routes

if TYPE_CHECKING:
    from chartgen.flagger.schedule.reconciliation import Reconciliation


class NopRouter:
    def reconcile(self, _run: Reconciliation) -> None:
        """Nothing to write."""

    def routes(self, run: Reconciliation) -> Routes:
        """All traffic counts as the canary's after the first iteration."""
        return TO_CANARY if run.cached.iterations > 0 else TO_PRIMARY

    def set_routes(self, _run: Reconciliation, _routes: Routes) -> None:
        """Nothing to write."""

    def finalize(self, _run: Reconciliation) -> None:
        """Nothing to restore."""
