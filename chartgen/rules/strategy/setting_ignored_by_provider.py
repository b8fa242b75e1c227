"""A setting that the provider's router doesn't read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import FIELD_READERS, reads
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class SettingIgnoredByProvider(CanaryRule):
    id = "setting-ignored-by-provider"
    severity = Severity.INFO
    summary = "setting that the provider ignores"
    tags = ("providers",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002

        name = canary.provider(self.cluster)
        # Without a provider of its own, the Canary may be meant for another one.
        if not canary.field("provider") or canary.target_kind == "Service":
            return
        for field in FIELD_READERS:
            if canary.field(*field) and not reads(name, field):
                yield Problem(
                    f"{'.'.join(field)} has no effect: provider {name} ignores it; remove it or use a "
                    "provider that reads it",
                    at=("spec", *field),
                )
