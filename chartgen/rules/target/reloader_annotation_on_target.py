"""A target that Reloader restarts: Flagger treats each restart as a new version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import labels_of, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

_PREFIXES = ("reloader.stakater.com/", "configmap.reloader.stakater.com/", "secret.reloader.stakater.com/")
_OFF = {"false", "False"}


class ReloaderAnnotationOnTarget(CanaryRule):
    id = "reloader-annotation-on-target"
    severity = Severity.INFO
    summary = "Reloader annotation whose restarts start canary runs"
    tags = ("lifecycle",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        annotations = labels_of(target.get(("metadata", "annotations"))) if target else {}
        for key, value in annotations.items():
            if str(key).startswith(_PREFIXES) and str(value) not in _OFF:
                yield Problem(
                    f"annotation {key} makes Reloader restart the target, and each restart starts a canary run; remove "
                    "it, because Flagger tracks ConfigMaps and Secrets itself",
                    at=("metadata", "annotations", key),
                    manifest=target,
                )
                return
