"""A fraction where Flagger's Go types hold integers: one such Canary blinds Flagger for the whole cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.rules.rule import CLUSTER_WIDE, Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering

# The only numbers of the CRD that Go holds as floats (canary.go: CanaryThresholdRange, CanaryMetric.Threshold).
_FLOATS = ({"min", "max"}, {"threshold"})


class FractionalNumber(Rule):
    id = "fractional-number"
    severity = Severity.ERROR
    summary = "fraction that stops Flagger for every Canary in the cluster"
    tags = (CLUSTER_WIDE, "api")

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for at, value in _fractions(manifest.get(("spec",)), ("spec",)):
            yield Problem(
                f"{at[-1] if isinstance(at[-1], str) else at[-2]} {value:g} is no whole number: the API server "
                "takes it, Flagger cannot decode it, and no Canary of the cluster is reconciled any more",
                at=at,
            )


def _fractions(value: Any, route: Route) -> Iterator[tuple[Route, float]]:
    if isinstance(value, float) and not value.is_integer() and not _holds_floats(route):
        yield route, value
    elif isinstance(value, dict):
        for key, held in value.items():
            yield from _fractions(held, (*route, key))
    elif isinstance(value, list):
        for index, held in enumerate(value):
            yield from _fractions(held, (*route, index))


def _holds_floats(route: Route) -> bool:
    in_metric = "metrics" in route
    in_range = len(route) > 1 and route[-2] == "thresholdRange"
    return in_metric and ((in_range and route[-1] in _FLOATS[0]) or (not in_range and route[-1] in _FLOATS[1]))
