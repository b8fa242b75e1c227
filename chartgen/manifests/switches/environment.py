"""What is known of the root of a template before anything is set, and the values that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chartgen.manifests.manifest import value_at
from chartgen.manifests.switches.symbols import Const, FunctionCall, Ref, Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.charts.chart import Chart

MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Environment:
    """What is known of the root before anything is set: the chart's values and the release."""

    chart: Chart
    root: Mapping[str, Any]

    def at(self, path: tuple[str | int, ...]) -> Any:
        return value_at(self.root, path, MISSING)


def value_of(symbol: Symbol, known: Environment) -> Any:
    """The value a symbol has before anything is set; a sentinel (falsy nowhere) where that is not known."""
    match symbol:
        case Const():
            return symbol.value
        case Ref():
            held = known.at(symbol.path)
            return None if held is MISSING and symbol.path[:1] == ("Values",) else held
        case FunctionCall():
            return _computed(symbol, known)
        case _:
            return MISSING


def _computed(call: FunctionCall, known: Environment) -> Any:  # noqa: C901, PLR0911, PLR0912 - one case per function
    values = [value_of(one, known) for one in call.arguments]
    if MISSING in [v for v in values if not isinstance(v, (dict, list))]:
        return MISSING
    match call.name, values:
        case "not", [one]:
            return not one
        case "and", [*_]:
            return next((one for one in values if not one), values[-1] if values else MISSING)
        case "or", [*_]:
            return next((one for one in values if one), values[-1] if values else MISSING)
        case "eq", [first, *others]:
            return first in others
        case "ne", [first, second]:
            return first != second
        case "default", [fallback, one]:
            return one or fallback
        case "coalesce", [*_]:
            return next((one for one in values if one), None)
        case "empty", [one]:
            return not one
        case "toString" | "trim" | "lower", [one]:
            return str(one).lower() if isinstance(one, bool) or call.name == "lower" else str(one).strip()
        case "has", [one, list() as listed]:
            return one in listed
        case "hasKey", [dict() as held, key]:
            return key in held
        case _:
            return MISSING
