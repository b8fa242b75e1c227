"""primaryCookieName reads the interval without Flagger's fallback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.durations import go_seconds
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class PrimaryCookieNeedsInterval(CanaryRule):
    id = "primary-cookie-needs-interval"
    severity = Severity.ERROR
    summary = "primaryCookieName with an interval that Go can't parse"
    tags = ("strategy", "schedule")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        affinity = canary.analysis.get("sessionAffinity")
        interval = canary.analysis.get("interval")
        if isinstance(affinity, dict) and affinity.get("primaryCookieName") and go_seconds(interval) is None:
            yield Problem(
                f"with primaryCookieName the interval {interval!r} is read without the fallback to 60s: every step "
                "fails "
                "and the run is stuck at weight 0",
                at=canary.at("interval"),
            )
