"""An analysis interval below ten seconds, which Flagger silently raises to ten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.durations import SHORTEST_INTERVAL, go_seconds
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
        seconds = go_seconds(interval) if isinstance(interval, str) else None
        if seconds is not None and seconds < SHORTEST_INTERVAL:
            at = canary.at("interval")
            message = f"interval {interval} is below Flagger's minimum: Flagger uses 10s"
            yield Problem(message, at=at, fix=set_value(at, "10s"))
