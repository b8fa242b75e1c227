"""A Secret that an operator rotates: the primary keeps a frozen copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import beside, pod_route, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class RotatedSecretTracked(CanaryRule):
    id = "rotated-secret-tracked"
    severity = Severity.ERROR
    summary = "rotated Secret of which the primary keeps a stale copy"
    tags = ("references",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        text = repr(target.get(pod_route(target))) if target else ""
        for operated in beside(canary.manifest, rendering, "ExternalSecret", "Certificate", "VaultStaticSecret"):
            name = str(operated.get(_NAMED[operated.kind]) or operated.name)
            if f"'{name}'" in text and "config-tracking" not in repr(operated.body):
                yield Problem(
                    f"{operated.kind} {operated.name} rotates Secret {name}: the primary reads a frozen copy until the "
                    "next promotion, and each rotation starts a canary run",
                    at=("kind",),
                    manifest=operated,
                )


_NAMED: dict[str, Route] = {
    "ExternalSecret": ("spec", "target", "name"),
    "Certificate": ("spec", "secretName"),
    "VaultStaticSecret": ("spec", "destination", "name"),
}
