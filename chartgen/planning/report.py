"""One or more plans to print: those of several Canaries in sequence, those of two versions side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.planning.budgets import ExceededBudget
    from chartgen.planning.release_plan import ReleasePlan, ScenarioResult


@dataclass(frozen=True, slots=True)
class BudgetedPlan:
    """A plan and the budgets it exceeds; `label` distinguishes compared plans and is empty otherwise."""

    label: str
    plan: ReleasePlan
    exceeded: tuple[ExceededBudget, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one command prints. `budgets`: whether any was set. If plans are compared, they apply to the first."""

    entries: tuple[BudgetedPlan, ...]
    compared: bool = False
    budgets: bool = False

    @property
    def exceeded(self) -> tuple[ExceededBudget, ...]:
        judged = self.entries[:1] if self.compared else self.entries
        return tuple(excess for entry in judged for excess in entry.exceeded)

    @property
    def plans(self) -> tuple[ReleasePlan, ...]:
        """The plans to print: each one, or a single plan that shows the compared ones side by side."""
        return (side_by_side(self.entries),) if self.compared else tuple(entry.plan for entry in self.entries)


def side_by_side(entries: tuple[BudgetedPlan, ...]) -> ReleasePlan:
    """One plan with the scenarios of all plans, each prefixed with the label of its plan."""
    first = entries[0].plan
    return replace(
        first,
        compared=tuple((entry.label, entry.plan) for entry in entries),
        results=tuple(_labeled(result, entry.label) for entry in entries for result in entry.plan.results),
        warnings=_labeled_texts(entries, lambda plan: plan.warnings),
        notes=_labeled_texts(entries, lambda plan: plan.notes),
        characteristics=tuple(
            characteristic._replace(label=entry.label)
            for entry in entries
            for characteristic in entry.plan.characteristics
        ),
    )


def _labeled(result: ScenarioResult, label: str) -> ScenarioResult:
    scenario = result.run.scenario._replace(text=f"{label} {result.run.scenario.text}")
    return replace(result, run=result.run._replace(scenario=scenario))


def _labeled_texts(
    entries: tuple[BudgetedPlan, ...], texts_of: Callable[[ReleasePlan], tuple[str, ...]]
) -> tuple[str, ...]:
    """The texts of all plans, each with the label of its plan unless all plans have it."""
    texts = [(entry.label, text) for entry in entries for text in texts_of(entry.plan)]
    common = set.intersection(*(set(texts_of(entry.plan)) for entry in entries))
    return tuple(dict.fromkeys(text if text in common else f"{label}: {text}" for label, text in texts))
