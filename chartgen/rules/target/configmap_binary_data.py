"""A ConfigMap with binaryData, which Flagger doesn't copy for the primary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, pod_route, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ConfigmapBinaryData(CanaryRule):
    id = "configmap-binary-data"
    severity = Severity.ERROR
    summary = "ConfigMap binaryData that the primary loses"
    tags = ("references",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        text = repr(target.get(pod_route(target))) if target else ""
        for config in in_same_namespace(canary.manifest, rendering, "ConfigMap"):
            tracked = config.get(("metadata", "annotations", "flagger.app/config-tracking")) != "disabled"
            if config.get(("binaryData",)) and tracked and f"'{config.name}'" in text:
                yield Problem(
                    f"Flagger copies only data of ConfigMap {config.name}: the primary doesn't get its binaryData; set "
                    "the annotation flagger.app/config-tracking: disabled",
                    at=("binaryData",),
                    manifest=config,
                )
