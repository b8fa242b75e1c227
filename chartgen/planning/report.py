"""One or more plans to print: of several Canaries one after the other, of two versions side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartgen.planning.budgets import Excess
    from chartgen.planning.release_plan import Played, ReleasePlan


@dataclass(frozen=True, slots=True)
class BudgetedPlan:
    """A plan and the budgets it exceeds; `label` tells compared plans apart, empty otherwise."""

    label: str
    plan: ReleasePlan
    exceeded: tuple[Excess, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All that one run prints. `budgets` says whether any was set. Of compared plans the first one is judged."""

    entries: tuple[BudgetedPlan, ...]
    compared: bool = False
    budgets: bool = False

    @property
    def exceeded(self) -> tuple[Excess, ...]:
        judged = self.entries[:1] if self.compared else self.entries
        return tuple(excess for entry in judged for excess in entry.exceeded)

    @property
    def plans(self) -> tuple[ReleasePlan, ...]:
        """What is printed: each plan, or one that shows the compared ones side by side."""
        return (side_by_side(self.entries),) if self.compared else tuple(entry.plan for entry in self.entries)


def side_by_side(entries: tuple[BudgetedPlan, ...]) -> ReleasePlan:
    """All scenarios of all plans as those of one, each named with its plan's label."""
    first = entries[0].plan
    return replace(
        first,
        beside=tuple((entry.label, entry.plan.subject) for entry in entries),
        played=tuple(_labelled(one, entry.label) for entry in entries for one in entry.plan.played),
        warnings=tuple(f"{entry.label}: {told}" for entry in entries for told in entry.plan.warnings),
        notes=tuple(f"{entry.label}: {told}" for entry in entries for told in entry.plan.notes),
        characteristics=tuple(
            replace(found, label=entry.label) for entry in entries for found in entry.plan.characteristics
        ),
    )


def _labelled(one: Played, label: str) -> Played:
    scenario = replace(one.course.scenario, text=f"{label} {one.course.scenario.text}")
    return replace(one, course=replace(one.course, scenario=scenario))
