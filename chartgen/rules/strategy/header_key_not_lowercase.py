"""A header name with capital letters in a match: the condition may never match."""

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
    severity = Severity.WARNING
    summary = "match header with capital letters, which may never match"
    tags = ("strategy",)
    fixes = (Safety.SAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        provider = canary.provider(self.cluster)
        if provider.startswith("gatewayapi"):
            return  # the Gateway API ignores the case of header names
        for index, match in enumerate(canary.matches):
            headers = labels_of(match.get("headers") if isinstance(match, dict) else None)
            for key in headers:
                if str(key) != str(key).lower():
                    at = canary.at("match", index, "headers", key)
                    yield Problem(
                        f"header {key} has capital letters, but Flagger requires lowercase header names: the condition "
                        f"may never match; write {str(key).lower()}",
                        at=at,
                        fix=rename(at, str(key).lower()) if str(key).lower() not in headers else None,
                        # ingress.go reads `cookie` only: another spelling is a header that no browser sends like that.
                        severity=Severity.ERROR if provider == "nginx" and str(key).lower() == "cookie" else None,
                    )
