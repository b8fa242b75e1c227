"""queryParams in analysis.match, which Flagger drops if service.match is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_list
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class AbQueryParamsLostOnIstio(CanaryRule):
    id = "ab-query-params-lost-on-istio"
    severity = Severity.ERROR
    summary = "queryParams in analysis.match that Flagger drops because service.match is set"
    tags = ("strategy", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.provider(self.cluster) != "istio" or not as_list(canary.service.get("match")):
            return
        for index, match in enumerate(canary.matches):
            if isinstance(match, dict) and match.get("queryParams"):
                is_emptied = not match.get("headers") and not match.get("sourceLabels")
                effect = ", and all requests that match service.match go to the new version" if is_emptied else ""
                yield Problem(
                    "service.match is set: Flagger copies only headers and sourceLabels from analysis.match and drops "
                    f"queryParams{effect}",
                    at=canary.at("match", index, "queryParams"),
                )
