"""Two cookies with the same name: Flagger never schedules the Canary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class SessionAffinityCookieNames(CanaryRule):
    id = "session-affinity-cookie-names"
    severity = Severity.ERROR
    summary = "cookieName equal to primaryCookieName"
    tags = ("strategy",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        affinity = canary.analysis.get("sessionAffinity")
        if isinstance(affinity, dict) and (affinity.get("cookieName") or "") == (
            affinity.get("primaryCookieName") or ""
        ):
            yield Problem(
                "cookieName and primaryCookieName are equal: Flagger never schedules the Canary and reports it only "
                "in its log",
                at=canary.at("sessionAffinity", "primaryCookieName"),
            )
