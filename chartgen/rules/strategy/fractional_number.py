"""A fraction in a field that is an integer in Flagger's Go types: it affects every Canary in the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.rules.rule import CLUSTER_WIDE, Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering

# The only numbers of the CRD that are floats in Go (canary.go: CanaryThresholdRange, CanaryMetric.Threshold).
_FLOATS = ({"min", "max"}, {"threshold"})


class FractionalNumber(Rule):
    id = "fractional-number"
    severity = Severity.ERROR
    summary = "fraction that Flagger can't decode, which affects the whole cluster"
    tags = (CLUSTER_WIDE, "api")

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for at, value in _fractions(manifest.get(("spec",)), ("spec",)):
            field = at[-1] if isinstance(at[-1], str) else at[-2]
            yield Problem(
                f"{field} {value:g} isn't a whole number: Flagger can't decode it, ignores every new Canary in the "
                "cluster, and doesn't start again after a restart",
                at=at,
            )


def _fractions(value: Any, route: Route) -> Iterator[tuple[Route, float]]:
    if isinstance(value, float) and not value.is_integer() and not _is_float(route):
        yield route, value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from _fractions(child, (*route, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _fractions(child, (*route, index))


def _is_float(route: Route) -> bool:
    in_metric = "metrics" in route
    in_range = len(route) > 1 and route[-2] == "thresholdRange"
    return in_metric and ((in_range and route[-1] in _FLOATS[0]) or (not in_range and route[-1] in _FLOATS[1]))
