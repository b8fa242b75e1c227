"""Contour's CRD accepts an enum for retryOn: an empty or unknown word is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


# The enum of RetryPolicy.retryOn in Contour's HTTPProxy CRD (projectcontour/v1/httpproxy.go).
_CONDITIONS = frozenset(
    {
        "5xx",
        "gateway-error",
        "reset",
        "connect-failure",
        "retriable-4xx",
        "refused-stream",
        "retriable-status-codes",
        "retriable-headers",
        "cancelled",
        "deadline-exceeded",
        "internal",
        "resource-exhausted",
        "unavailable",
    }
)


class ContourRetriesRefused(CanaryRule):
    id = "contour-retries-refused"
    severity = Severity.ERROR
    summary = "retries that Contour's API refuses"
    tags = ("providers",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002

        retries = canary.service.get("retries")
        if canary.provider(self.cluster) != "contour" or not isinstance(retries, dict):
            return
        conditions = str(retries.get("retryOn") or "").split(",")
        wrong = [condition for condition in conditions if condition not in _CONDITIONS]
        if wrong == [""] and len(conditions) == 1:
            message = "retries has no retryOn, for which Flagger writes an empty word"
        elif wrong:
            message = f"retryOn has {wrong[0]!r}, which isn't one of Contour's conditions (no spaces around the commas)"
        else:
            return
        yield Problem(
            f"{message}: the API server refuses the HTTPProxy at every tick, and the Canary never initializes; set "
            "retryOn to words such as 5xx,reset",
            at=("spec", "service", "retries", *(("retryOn",) if retries.get("retryOn") else ())),
        )
