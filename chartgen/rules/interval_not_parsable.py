"""A duration that passes the API server's half-anchored pattern, or not even that, and that Go cannot read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.durations import go_seconds, hook_timeout
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class IntervalNotParsable(Rule):
    id = "interval-not-parsable"
    severity = Severity.WARNING
    summary = "a duration Flagger cannot read"
    tags = ("schedule",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        refused = {one.at: one.message for one in refusals(manifest, self.cluster, self.id)}
        for at, message in refused.items():
            yield Problem(f"{message}: the API server refuses it", at=at, severity=Severity.ERROR)
        interval = canary.analysis.get("interval")
        if canary.at("interval") not in refused and _is_unreadable(interval):
            yield Problem(f"interval {interval!r} is no duration Go reads: Flagger takes 60s", at=canary.at("interval"))
        for metric in canary.metrics:
            window = metric.body.get("interval")
            if (*metric.at, "interval") not in refused and _is_unreadable(window):
                yield Problem(
                    f"interval {window!r} of metric {metric.name} breaks its query", at=(*metric.at, "interval")
                )
        for hook in canary.hooks:
            timeout = hook.body.get("timeout")
            if (*hook.at, "timeout") not in refused and timeout is not None and hook_timeout(timeout) is None:
                yield Problem(f"timeout {timeout!r} makes hook {hook.name} fail every time", at=(*hook.at, "timeout"))


def _is_unreadable(value: Any) -> bool:
    return isinstance(value, str) and value != "" and go_seconds(value) is None
