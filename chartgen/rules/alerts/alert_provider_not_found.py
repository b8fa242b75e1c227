"""An alert for a provider nobody renders: rollbacks go unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import namespace_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class AlertProviderNotFound(CanaryRule):
    id = "alert-provider-not-found"
    severity = Severity.WARNING
    summary = "alert that refers to a missing AlertProvider"
    tags = ("references", "alerts")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if not rendering.chart.files:
            return
        home = namespace_of(canary.manifest, rendering)
        rendered = {(one.name, namespace_of(one, rendering)) for one in rendering.of_kind("AlertProvider")}
        for at, alert in canary.alerts:
            ref = alert.get("providerRef")
            if not isinstance(ref, dict) or not ref.get("name"):
                continue
            name, namespace = str(ref["name"]), str(ref.get("namespace") or home)
            known = {name, f"{namespace}/{name}"} & set(self.cluster.alert_providers)
            if not known and (name, namespace) not in rendered:
                yield Problem(
                    f"AlertProvider {namespace}/{name} is not rendered: where it is missing there is a line in "
                    "Flagger's "
                    "log and no alert; list it in the cluster profile where it is there already",
                    at=(*at, "providerRef", "name"),
                )
