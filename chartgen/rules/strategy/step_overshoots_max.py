"""A maxWeight that isn't a multiple of stepWeight: the last step exceeds it."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from chartgen.flagger.strategy import Strategy
from chartgen.rules.reading.canary import Canary, number
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

_ALL = 100


class StepOvershootsMax(Rule):
    id = "step-overshoots-max"
    severity = Severity.WARNING
    summary = "maxWeight that the last step exceeds"
    tags = ("strategy",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        step, most = number(canary.analysis.get("stepWeight")), number(canary.analysis.get("maxWeight"))
        if step is None or most is None or canary.step_weights or canary.strategy(self.cluster) is not Strategy.WEIGHTS:
            return
        if 0 < step <= most < _ALL and most % step:
            last = min(_ALL, ceil(most / step) * step)
            yield Problem(
                f"maxWeight {most:g} isn't a multiple of stepWeight {step:g}: the last step sends {last:g} % of the "
                "traffic to the new version",
                at=canary.at("maxWeight"),
            )
