"""A Secret that an operator rotates, while the primary uses a stale copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, pod_route, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


# Where each kind names the Secret that its operator creates.
_SECRET_NAME: dict[str, Route] = {
    "ExternalSecret": ("spec", "target", "name"),
    "Certificate": ("spec", "secretName"),
    "VaultStaticSecret": ("spec", "destination", "name"),
}


class RotatedSecretTracked(CanaryRule):
    id = "rotated-secret-tracked"
    severity = Severity.ERROR
    summary = "rotated Secret of which the primary keeps a stale copy"
    tags = ("references",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        text = repr(target.get(pod_route(target))) if target else ""
        for source in in_same_namespace(canary.manifest, rendering, *_SECRET_NAME):
            name = str(source.get(_SECRET_NAME[source.kind]) or source.name)
            if f"'{name}'" in text and "config-tracking" not in repr(source.body):
                yield Problem(
                    f"{source.kind} {source.name} rotates Secret {name}: the primary uses a stale copy until the next "
                    "promotion, and each rotation starts a canary run; annotate the Secret with "
                    "flagger.app/config-tracking: disabled",
                    at=("kind",),
                    manifest=source,
                )
