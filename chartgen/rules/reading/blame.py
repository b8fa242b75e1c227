"""The smallest part of a Canary without which a problem doesn't occur."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chartgen.manifests.manifest import Route

# The parts of `spec` with fields that a Canary can do without.
_PARTS = ("service", "analysis", "canaryAnalysis")
_MOST_ATTEMPTS = 60


def blamed_field(document: Mapping[str, Any], occurs: Callable[[Mapping[str, Any]], bool]) -> Route | None:
    """The route of the smallest part of `spec` without which `occurs` is false; None if there is none.

    `occurs` gets changed copies of the document and must not raise.
    """
    attempts = 0
    found: Route | None = None
    routes = iter([route for part in _PARTS for route in _below(document, ("spec", part))])
    while (route := next(routes, None)) is not None and attempts < _MOST_ATTEMPTS:
        attempts += 1
        if not occurs(_without(document, route)):
            found, routes = route, _below(document, route)
    return found


def _below(document: Mapping[str, Any], route: Route) -> Iterator[Route]:
    value = _at(document, route)
    if isinstance(value, dict):
        yield from ((*route, key) for key in value)
    elif isinstance(value, list):
        yield from ((*route, index) for index in range(len(value)))


def _at(document: Any, route: Route) -> Any:
    for step in route:
        if document is None:
            return None
        document = document.get(step) if isinstance(document, dict) else document[step]
    return document


def _without(document: Mapping[str, Any], route: Route) -> dict[str, Any]:
    changed = deepcopy(dict(document))
    del _at(changed, route[:-1])[route[-1]]
    return changed
