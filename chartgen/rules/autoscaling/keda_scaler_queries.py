"""A query for the primary whose key isn't the name of a trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_list
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import scalers_of, selector_label, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


# Triggers without metadata.query (keda.sh/docs/scalers); Flagger writes only that key.
_WITHOUT_QUERY = frozenset(
    {
        "cron",
        "cpu",
        "memory",
        "kubernetes-workload",
        "kafka",
        "apache-kafka",
        "rabbitmq",
        "aws-sqs-queue",
        "azure-queue",
        "azure-servicebus",
        "gcp-pubsub",
        "nats-jetstream",
        "redis",
        "redis-streams",
        "pulsar",
        "external",
        "external-push",
    }
)


class KedaScalerQueries(CanaryRule):
    id = "keda-scaler-queries"
    severity = Severity.WARNING
    summary = "key of primaryScalerQueries that changes no trigger"
    tags = ("scaling",)

    def _counting_the_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        """Triggers that count the canary's pods: Flagger copies their selector to the primary as it is."""
        target = target_of(canary, rendering)
        label = selector_label(target, self.cluster.selector_labels) if target else None
        named = canary.table("autoscalerRef").get("name")
        for scaler in scalers_of(canary, rendering):
            triggers = (
                as_list(scaler.get(("spec", "triggers")))
                if (scaler.kind, scaler.name) == ("ScaledObject", named)
                else []
            )
            for index, trigger in enumerate(triggers):
                metadata = trigger.get("metadata") if isinstance(trigger, dict) else None
                selector = str(metadata.get("podSelector")) if isinstance(metadata, dict) else ""
                if label and trigger.get("type") == "kubernetes-workload" and "=".join(label) in selector.split(","):
                    yield Problem(
                        f"the trigger counts pods with {'='.join(label)}, which only the canary has: Flagger copies it "
                        "to the primary, which then scales by the canary's pods; select by another label",
                        at=("spec", "triggers", index, "metadata", "podSelector"),
                        manifest=scaler,
                    )

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        yield from self._counting_the_canary(canary, rendering)
        queries = canary.field("autoscalerRef", "primaryScalerQueries")
        if not isinstance(queries, dict):
            return
        for scaler in scalers_of(canary, rendering):
            triggers = [trigger for trigger in as_list(scaler.get(("spec", "triggers"))) if isinstance(trigger, dict)]
            types = {trigger.get("name"): str(trigger.get("type")) for trigger in triggers}
            for key in queries if scaler.kind == "ScaledObject" else ():
                if types.get(key) in _WITHOUT_QUERY:
                    yield Problem(
                        f"trigger {key} of ScaledObject {scaler.name} has type {types[key]}, which reads no query: the "
                        "primary keeps the canary's trigger; remove the key",
                        at=("spec", "autoscalerRef", "primaryScalerQueries", key),
                    )
                elif key not in types:
                    yield Problem(
                        f"ScaledObject {scaler.name} has no trigger named {key}: Flagger ignores the query, and the "
                        "primary keeps the canary's",
                        at=("spec", "autoscalerRef", "primaryScalerQueries", key),
                    )
