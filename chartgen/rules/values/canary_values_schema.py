"""Canary values that don't match chartgen's schema: unknown keys, values of another type."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from chartgen.flagger.crd.quick import is_surely_valid
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
                for route, message, severity in _violations(block, releases.chart):
                    at = (_BLOCK, *route)
                    yield Problem(message, values_route=at, releases=(rendering.label,), severity=severity)


def _violations(block: dict[str, Any], chart: Chart) -> Iterator[tuple[Route, str, Severity | None]]:
    document = schema("canary-values.schema.json")
    # Keys that belong to the chart are no violation: without them, most blocks need no explanation.
    ours = {key: value for key, value in block.items() if key in document["properties"] or not _is_used(chart, key)}
    if is_surely_valid(document, ours):
        return
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(document)
    for error in sorted(validator.iter_errors(block), key=lambda error: [str(step) for step in error.absolute_path]):
        route: Route = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            known = list(error.schema["properties"])
            for key in [name for name in error.instance if name not in known]:
                if not _is_used(chart, key):
                    advice = _advice(key, known)
                    message = f"{_dotted(route)} has no key {key}: it has no effect{advice}"
                    yield (*route, key), message, None if advice or route else Severity.WARNING
        elif not _is_read_by_key(chart, value_at(block, route)):
            yield route, f"{_dotted(route)}: {_message(error, value_at(block, route))}", None


def _is_read_by_key(chart: Chart, value: Any) -> bool:
    """Whether a template reads a map key by key: then the chart defines its shape."""
    return isinstance(value, dict) and any(_is_used(chart, str(key)) for key in value)


def _is_used(chart: Chart, key: str) -> bool:
    """Whether a template uses the key by name: then it belongs to the chart."""
    usage = re.compile(rf"\.{re.escape(key)}\b|\"{re.escape(key)}\"")
    return any(usage.search(chart.text(path)) for path in chart.files if "templates/" in path)


def _advice(key: str, known: list[str]) -> str:
    same = [name for name in known if name.casefold() == key.casefold()]
    near = same or difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _dotted(route: Route) -> str:
    return ".".join(str(step) for step in (_BLOCK, *route))


def _message(error: Any, value: Any) -> str:
    if error.validator == "type":
        types = error.validator_value
        return f"{value!r} isn't {' or '.join(map(_with_article, [types] if isinstance(types, str) else types))}"
    return str(error.message)


def _with_article(json_type: str) -> str:
    if json_type == "null":
        return "null"
    return f"an {json_type}" if json_type[0] in "aio" else f"a {json_type}"
