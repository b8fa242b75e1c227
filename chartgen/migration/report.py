"""What migrate prints: the edits, what is left to do by hand, and the result."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.migration.planner import PlannedMigration


def edits(planned: PlannedMigration) -> Iterator[str]:
    """A line for each object with what is edited in it, then warnings about what isn't."""
    titles: dict[str, dict[str, None]] = {}
    for made in planned.made:
        titles.setdefault(f"{made.kind} {made.name}", {})[made.title] = None
    yield from (f"note: {name}: {', '.join(done)}" for name, done in titles.items())
    if planned.unread:
        yield (
            f"WARNING: nothing reads {', '.join(planned.unread)} any more. A values file that sets it must set the"
            " new keys below canary.service and canary.canaryAnalysis instead"
        )
    yield from (f"WARNING: {left.text}. Edit it by hand" for left in planned.left)
    for rejected in planned.rejected:
        yield (
            f"WARNING: the API server rejects {rejected}, whatever migrate edits. Find the line with chartgen lint"
            f" {shlex.quote(str(planned.plan.root))}"
        )


def nothing_to_do(planned: PlannedMigration) -> str:
    """Why there is no plan."""
    names = " and ".join(planned.canaries)
    if planned.left or planned.rejected:
        return f"nothing that chartgen can do: see the warnings about the Canary {names}"
    return f"nothing to do: the Canary {names} uses current versions, fields and names only"


def result(planned: PlannedMigration) -> str:
    """The result and the next step."""
    names = " and ".join(planned.canaries)
    return (
        f"Migrated the Canary {names}. Compared {planned.renderings} renderings with real Helm, and simulated"
        f" {planned.rollouts} rollouts before and after: they have the same ticks, weights and verdicts."
        f"\nNext: chartgen lint {shlex.quote(str(planned.plan.root))}"
    )
