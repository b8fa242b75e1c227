"""primaryCookieName with an interval that Go can't parse: its Max-Age has no fallback to 60s."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.go_durations import duration_seconds
from chartgen.rules.canary_rule import CanaryRule
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
        if isinstance(affinity, dict) and affinity.get("primaryCookieName") and duration_seconds(interval) is None:
            yield Problem(
                f"interval {interval!r} isn't a valid duration, and primaryCookieName has no fallback to 60s: Flagger "
                "can't set the routes, and the weight stays at 0",
                at=canary.at("interval"),
            )
