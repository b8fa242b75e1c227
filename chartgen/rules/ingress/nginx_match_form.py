"""Conditions of an A/B test that NGINX can't express."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import labels_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class NginxMatchForm(CanaryRule):
    id = "nginx-match-form"
    severity = Severity.ERROR
    summary = "A/B conditions that NGINX can't express"
    tags = ("strategy", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.provider(self.cluster) != "nginx":
            return
        headers: list[str] = []
        for index, match in enumerate(canary.matches):
            for key, condition in labels_of(match.get("headers") if isinstance(match, dict) else None).items():
                at = canary.at("match", index, "headers", key)
                forms = set(labels_of(condition))
                if key == "cookie" and forms - {"exact"}:
                    yield Problem(
                        "NGINX matches a cookie only by its exact name: Flagger drops all other conditions", at=at
                    )
                elif key != "cookie" and forms - {"exact", "regex"}:
                    yield Problem(
                        f"NGINX matches headers only by exact or regex: Flagger drops other conditions on {key}", at=at
                    )
                headers += [key] if key != "cookie" else []
                if len(headers) > 1 and key != "cookie":
                    yield Problem(
                        f"NGINX matches a single header: Flagger keeps only one of {' and '.join(headers)}", at=at
                    )
