"""The values and release that a template sees before anything is set, and the values of expressions over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from chartgen.manifests.manifest import value_at
from chartgen.manifests.switches.symbols import Const, FunctionCall, Ref, Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.charts.chart import Chart

MISSING: Final = object()


class Budget:
    """How many more steps the search for a switch may take: conditions that contradict each other have no end."""

    def __init__(self, steps: int = 50_000) -> None:
        self._left = steps

    def take(self) -> bool:
        """Use one step; False where none is left."""
        self._left -= 1
        return self._left >= 0


@dataclass(frozen=True, slots=True)
class Environment:
    """The root of a template before anything is set: the chart's values and the release."""

    chart: Chart
    root: Mapping[str, Any]
    budget: Budget = field(default_factory=Budget, compare=False)

    def at(self, path: tuple[str | int, ...]) -> Any:
        """The value at `path`, MISSING if there is none."""
        return value_at(self.root, path, MISSING)


def value_of(symbol: Symbol, environment: Environment) -> Any:
    """The value of a symbol before anything is set, MISSING if it can't be determined."""
    match symbol:
        case Const():
            return symbol.value
        case Ref():
            value = environment.at(symbol.path)
            return None if value is MISSING and symbol.path[:1] == ("Values",) else value
        case FunctionCall():
            return _result(symbol, environment)
        case _:
            return MISSING


def _result(call: FunctionCall, environment: Environment) -> Any:  # noqa: C901, PLR0911, PLR0912 - one case a function
    values = [value_of(argument, environment) for argument in call.arguments]
    if MISSING in [v for v in values if not isinstance(v, (dict, list))]:
        return MISSING
    match call.name, values:
        case "not", [value]:
            return not value
        case "and", [*_]:
            return next((value for value in values if not value), values[-1] if values else MISSING)
        case "or", [*_]:
            return next((value for value in values if value), values[-1] if values else MISSING)
        case "eq", [first, *others]:
            return first in others
        case "ne", [first, second]:
            return first != second
        case "default", [fallback, value]:
            return value or fallback
        case "coalesce", [*_]:
            return next((value for value in values if value), None)
        case "empty", [value]:
            return not value
        case "toString" | "trim" | "lower", [value]:
            return str(value).lower() if isinstance(value, bool) or call.name == "lower" else str(value).strip()
        case "has", [item, list() as items]:
            return item in items
        case "hasKey", [dict() as mapping, key]:
            return key in mapping
        case _:
            return MISSING
