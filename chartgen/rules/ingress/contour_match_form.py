"""A regex condition on a header, which Flagger's Contour router doesn't map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import labels_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ContourMatchForm(CanaryRule):
    id = "contour-match-form"
    severity = Severity.ERROR
    summary = "regex header condition, which Flagger drops with provider contour"
    tags = ("strategy", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.provider(self.cluster) != "contour":
            return
        for index, match in enumerate(canary.matches):
            for key, condition in labels_of(match.get("headers") if isinstance(match, dict) else None).items():
                if "regex" in labels_of(condition):
                    yield Problem(
                        f"Flagger doesn't map regex for Contour: header {key} becomes a condition without a value",
                        at=canary.at("match", index, "headers", key, "regex"),
                    )
