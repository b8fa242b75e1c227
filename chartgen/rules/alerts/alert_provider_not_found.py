"""An alert whose AlertProvider is neither rendered nor listed in the cluster profile."""

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
        providers = rendering.of_kind("AlertProvider")
        rendered = {(provider.name, namespace_of(provider, rendering)) for provider in providers}
        for at, alert in canary.alerts:
            ref = alert.get("providerRef")
            if not isinstance(ref, dict) or not ref.get("name"):
                continue
            name, namespace = str(ref["name"]), str(ref.get("namespace") or home)
            known = {name, f"{namespace}/{name}"} & set(self.cluster.alert_providers)
            if not known and (name, namespace) not in rendered:
                yield Problem(
                    f"the release doesn't render AlertProvider {namespace}/{name}: if the cluster doesn't have it, "
                    "Flagger sends no alert; list it in the cluster profile if it exists already",
                    at=(*at, "providerRef", "name"),
                )
