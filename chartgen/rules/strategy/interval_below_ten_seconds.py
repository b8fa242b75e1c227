"""An analysis interval below ten seconds, which Flagger silently raises to ten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import SHORTEST_INTERVAL
from chartgen.flagger.go_durations import duration_seconds
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.canary import Canary
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class IntervalBelowTenSeconds(Rule):
    id = "interval-below-ten-seconds"
    severity = Severity.WARNING
    summary = "analysis interval below 10s, which Flagger raises to 10s"
    tags = ("schedule",)
    fixes = (Safety.SAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        interval = canary.analysis.get("interval")
        seconds = duration_seconds(interval)
        if seconds is not None and seconds < SHORTEST_INTERVAL:
            at = canary.at("interval")
            message = f"interval {interval} is below Flagger's minimum: Flagger uses 10s"
            yield Problem(message, at=at, fix=set_value(at, "10s"))
