"""Which runs share a plot: two compared ones, two scenarios, or else each has its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartgen.planning.release_plan import ReleasePlan, ScenarioResult

_OVERLAID = 2


@dataclass(frozen=True, slots=True)
class Group:
    """The runs of one plot and their names; `title` is the scenario that compared runs share, empty otherwise."""

    results: tuple[ScenarioResult, ...]
    names: tuple[str, ...]
    title: str = ""


def groups_of(plan: ReleasePlan) -> list[Group]:
    """In the order of the results. A flaky scenario has a band, so it shares its plot with nothing."""
    results, labels = plan.results, [label for label, _ in plan.compared_subjects]
    if labels:
        return _compared(results, labels)
    together = len(results) <= _OVERLAID and not any(result.flaky for result in results)
    return [_named(results)] if together else [_named((result,)) for result in results]


def _named(results: tuple[ScenarioResult, ...]) -> Group:
    return Group(results, tuple(result.run.scenario.text for result in results))


def _compared(results: tuple[ScenarioResult, ...], labels: list[str]) -> list[Group]:
    """The runs of one scenario together; the label of its plan is in front of each scenario's name."""
    scenarios: dict[str, list[tuple[str, ScenarioResult]]] = {}
    for result in results:
        text = result.run.scenario.text
        label = max((label for label in labels if text.startswith(f"{label} ")), key=len, default="")
        scenarios.setdefault(text[len(label) :].strip(), []).append((label, result))
    groups = []
    for title, runs in scenarios.items():
        together = tuple(result for _, result in runs)
        if any(result.flaky for result in together):
            groups += [_named((result,)) for result in together]
        else:
            groups.append(Group(together, tuple(label for label, _ in runs), title))
    return groups
