"""Options of add-canary that a second run can't apply: their values are in values.yaml, which belongs to the user.

add-canary writes the `canary:` block once and never changes it afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.canary.files import values_block
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.options import AddCanaryOptions
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.manifests.manifest import Route

# Option -> the routes below `canary` that it sets; the first one decides whether it is applied.
_ROUTES: dict[str, tuple[Route, ...]] = {
    "--host": (("service", "hosts"), ("service", "gateways")),
    "--gateway": (("service", "gateways"),),
    "--interval": (("canaryAnalysis", "interval"),),
    "--threshold": (("canaryAnalysis", "threshold"),),
    "--max-weight": (("canaryAnalysis", "maxWeight"),),
    "--step-weight": (("canaryAnalysis", "stepWeight"),),
    "--step-weights": (("canaryAnalysis", "stepWeights"),),
    "--provider": (("canaryAnalysis", "iterations"),),
}


def canary_values(engine: Engine, chart: Chart) -> dict[str, Any]:
    """The `canary` block of the chart's values.yaml; empty if there is none."""
    values = engine.read_yaml(chart.text("values.yaml")) if "values.yaml" in chart.files else None
    block = values.get("canary") if isinstance(values, dict) else None
    return block if isinstance(block, dict) else {}


def unapplied_options(engine: Engine, existing: dict[str, Any], options: AddCanaryOptions) -> Iterator[str]:
    """A line for each given option whose values differ from those of the existing `canary` block."""
    wanted = engine.read_yaml(values_block(options))
    for option, routes in _ROUTES.items():
        differing = [route for route in routes if value_at(wanted, route) != value_at(existing, route)]
        if option in options.given and routes[0] in differing:
            yield _unapplied(option, *differing)
    metrics = value_at(existing, ("canaryAnalysis", "metrics"))
    if "--api-version" in options.given and options.api_version != "v1beta1" and "thresholdRange" in str(metrics):
        # No Flagger before 1.0 reads thresholdRange.
        yield _unapplied(f"--api-version {options.api_version}", ("canaryAnalysis", "metrics"))


def _unapplied(option: str, *routes: Route) -> str:
    keys = " and ".join(".".join(("canary", *map(str, route))) for route in routes)
    return f"values.yaml already has a `canary` block: {option} isn't applied to it. Edit {keys}"
