"""A header name with capitals in a match: it never fires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, rename
from chartgen.rules.reading.neighbours import labels_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class HeaderKeyNotLowercase(CanaryRule):
    id = "header-key-not-lowercase"
    severity = Severity.ERROR
    summary = "match header with capital letters, which never matches"
    tags = ("strategy",)
    fixes = (Safety.SAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.provider(self.cluster).startswith("gatewayapi"):
            return  # the Gateway API compares header names without regard to case
        for index, match in enumerate(canary.matches):
            headers = labels_of(match.get("headers") if isinstance(match, dict) else None)
            for key in headers:
                if str(key) != str(key).lower():
                    at = canary.at("match", index, "headers", key)
                    yield Problem(
                        f"header {key} is compared in lower case and never matches: no request reaches the canary; "
                        f"write {str(key).lower()}",
                        at=at,
                        fix=rename(at, str(key).lower()) if str(key).lower() not in headers else None,
                    )
