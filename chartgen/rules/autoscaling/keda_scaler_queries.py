"""A query for the primary whose key isn't the name of a trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_list
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import scalers_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class KedaScalerQueries(CanaryRule):
    id = "keda-scaler-queries"
    severity = Severity.WARNING
    summary = "key of primaryScalerQueries that matches no trigger"
    tags = ("scaling",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        queries = canary.field("autoscalerRef", "primaryScalerQueries")
        if not isinstance(queries, dict):
            return
        for scaler in scalers_of(canary, rendering):
            triggers = [trigger for trigger in as_list(scaler.get(("spec", "triggers"))) if isinstance(trigger, dict)]
            names = {trigger.get("name") for trigger in triggers}
            for key in queries if scaler.kind == "ScaledObject" else ():
                if key not in names:
                    yield Problem(
                        f"ScaledObject {scaler.name} has no trigger named {key}: Flagger ignores the query, and the "
                        "primary keeps the canary's",
                        at=("spec", "autoscalerRef", "primaryScalerQueries", key),
                    )
