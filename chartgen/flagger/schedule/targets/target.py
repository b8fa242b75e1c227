"""The interface of all targets, and what they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chartgen.flagger.schedule.state import INITIALIZED

if TYPE_CHECKING:
    from chartgen.flagger.schedule.reconciliation import Reconciliation
    from chartgen.flagger.schedule.state import Selector, Tracked


class Target(Protocol):
    """Every method raises StepError with Flagger's error message if it fails."""

    def selector(self, run: Reconciliation, /) -> Selector:
        """GetMetadata"""

    def initialize(self, run: Reconciliation, /) -> None:
        """Create the primary if it is missing; while bootstrapping, raise until it is ready."""

    def primary_ready(self, run: Reconciliation, /) -> None:
        """Raise while the primary isn't ready; not retriable after its deadline."""

    def canary_ready(self, run: Reconciliation, /) -> None:
        """Raise while the target isn't ready; not retriable after its deadline."""

    def promote(self, run: Reconciliation, /) -> None:
        """Copy the target to the primary."""

    def revision(self, run: Reconciliation, /) -> str:
        """The content that Flagger hashes; compare for equality."""

    def configs(self, run: Reconciliation, /) -> Tracked | None:
        """The tracked ConfigMaps and Secrets; None if the kind tracks none."""

    def configs_changed(self, run: Reconciliation, /) -> bool:
        """HaveDependenciesChanged"""

    def scale_to_zero(self, run: Reconciliation, /) -> None: ...

    def scale_from_zero(self, run: Reconciliation, /) -> None: ...

    def finalize(self, run: Reconciliation, /) -> None:
        """Scale the target up again."""


def has_changed(target: Target, run: Reconciliation) -> bool:
    """pkg/canary/spec.go:hasSpecChanged: a return to the promoted revision isn't a change."""
    if not run.cached.last_applied:
        return True
    revision = target.revision(run)
    return revision not in (run.cached.last_promoted, run.cached.last_applied)


def sync_status(target: Target, run: Reconciliation, phase: str, *, failed_checks: int = 0, weight: int = 0) -> None:
    """SyncStatus: set the counters, and record the target's current revision as applied."""
    revision, configs = target.revision(run), target.configs(run)
    values: dict[str, object] = {"last_applied": revision}
    if configs is not None:
        values["tracked_configs"] = configs
    if phase == INITIALIZED:
        values["last_promoted"] = revision
    run.write(phase, failed_checks=failed_checks, iterations=0, canary_weight=weight, **values)
