"""A target without a preStop hook: its pods stop right after the routes change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_list
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import containers, labels_of, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class NoGracefulShutdown(CanaryRule):
    id = "no-graceful-shutdown"
    severity = Severity.INFO
    summary = "no preStop hook, so requests are cut off at the end of a run"
    tags = ("lifecycle",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        if target is None or target.kind == "Service":
            return
        serving = [(at, container) for at, container in containers(target) if as_list(container.get("ports"))]
        if serving and not any(labels_of(container.get("lifecycle")).get("preStop") for _, container in serving):
            at, container = serving[0]
            yield Problem(
                f"container {container.get('name')} of {target.name} has no preStop hook: canary pods stop right after "
                "the routes change, and requests in flight may get a 503",
                at=(*at, "name"),
                manifest=target,
            )
