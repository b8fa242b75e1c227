"""A condition on headers or queryParams that the Gateway API doesn't support."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_list
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import labels_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_FORMS = ("exact", "regex")


class GatewayapiHeaderMatchForm(CanaryRule):
    id = "gatewayapi-header-match-form"
    severity = Severity.ERROR
    summary = "Gateway API match condition other than exact or regex"
    tags = ("strategy", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if not canary.provider(self.cluster).startswith("gatewayapi"):
            return
        for route, effect in (
            (canary.at("match"), "Flagger ignores the error, and all users get the new version"),
            (("spec", "service", "match"), "Flagger fails at every tick"),
        ):
            for index, match in enumerate(as_list(canary.manifest.get(route))):
                for part in ("headers", "queryParams"):
                    for key, condition in labels_of(match.get(part) if isinstance(match, dict) else None).items():
                        unsupported = [form for form in labels_of(condition) if form not in _FORMS]
                        if unsupported:
                            yield Problem(
                                f"the Gateway API matches {part} by exact or regex, not by {unsupported[0]}: {effect}",
                                at=(*route, index, part, key, unsupported[0]),
                            )
