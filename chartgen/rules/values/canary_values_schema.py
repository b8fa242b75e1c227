"""The values block of the canary against its schema: unknown keys, values of another type."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from chartgen.manifests.manifest import value_at
from chartgen.resources import schema
from chartgen.rules.rule import ChartRule, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart
    from chartgen.manifests.manifest import Route
    from chartgen.rules.releases import Releases

_BLOCK = "canary"


class CanaryValuesSchema(ChartRule):
    id = "canary-values-schema"
    severity = Severity.ERROR
    summary = "canary values that don't match chartgen's schema"
    tags = ("values",)

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        if not releases.switch.sites:
            return
        for rendering in releases.renderings:
            block = rendering.values.get(_BLOCK)
            if isinstance(block, dict) and isinstance(block.get("canaryAnalysis"), dict):
                for route, message, severity in _complaints(block, releases.chart):
                    at = (_BLOCK, *route)
                    yield Problem(message, values_route=at, releases=(rendering.label,), severity=severity)


def _complaints(block: dict[str, Any], chart: Chart) -> Iterator[tuple[Route, str, Severity | None]]:
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(schema("canary-values.schema.json"))
    for error in sorted(validator.iter_errors(block), key=lambda one: [str(step) for step in one.absolute_path]):
        route: Route = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            known = list(error.schema["properties"])
            for key in [name for name in error.instance if name not in known]:
                if not _is_read(chart, key):
                    near = _near(key, known)
                    told = f"{_dotted((*route, key))} is no key of the canary's values{near}"
                    yield (*route, key), told, None if near or route else Severity.WARNING
        elif not _is_own_shape(chart, value_at(block, route)):
            yield route, f"{_dotted(route)}: {_told(error, value_at(block, route))}", None


def _is_own_shape(chart: Chart, value: Any) -> bool:
    """Whether the templates take a map apart by its keys: then its shape is between the two of them."""
    return isinstance(value, dict) and any(_is_read(chart, str(key)) for key in value)


def _is_read(chart: Chart, key: str) -> bool:
    """Whether a template asks for the key by name: then it is the chart's own."""
    asked = re.compile(rf"\.{re.escape(key)}\b|\"{re.escape(key)}\"")
    return any(asked.search(chart.text(path)) for path in chart.files if "templates/" in path)


def _near(key: str, known: list[str]) -> str:
    alike = [name for name in known if name.casefold() == key.casefold()]
    near = alike or difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return f": did you mean {near[0]}?" if near else ""


def _dotted(route: Route) -> str:
    return ".".join(str(step) for step in (_BLOCK, *route))


def _told(error: Any, value: Any) -> str:
    if error.validator == "type":
        wanted = error.validator_value
        return f"{value!r} is not {'a ' + wanted if isinstance(wanted, str) else ' or '.join(wanted)}"
    return str(error.message)
