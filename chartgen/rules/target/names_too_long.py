"""A name or label value that is too long for the suffix `-primary`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import selector_label, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_LONGEST = 63
_SUFFIX = "-primary"


class NamesTooLong(CanaryRule):
    id = "names-too-long"
    severity = Severity.ERROR
    summary = "name that is too long for the -primary suffix"
    tags = ("labels", "services")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        label = selector_label(target, self.cluster.selector_labels) if target else None
        if len(canary.apex + _SUFFIX) > _LONGEST:
            at = ("spec", "service", "name") if canary.service.get("name") else ("spec", "targetRef", "name")
            yield Problem(_message(f"Service name {canary.apex}{_SUFFIX}"), at=at)
        if target and label and len(label[1] + _SUFFIX) > _LONGEST:
            label_at = ("spec", "selector", "matchLabels", label[0])
            yield Problem(_message(f"label value {label[1]}{_SUFFIX}"), at=label_at, manifest=target)


def _message(name: str) -> str:
    return (
        f"{name} is longer than {_LONGEST} characters: Flagger fails at every tick; shorten the name, for example with "
        "trunc 55"
    )
