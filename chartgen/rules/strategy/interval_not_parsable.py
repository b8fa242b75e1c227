"""A duration that passes the API server's half-anchored pattern, or not even that, and that Go cannot read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.durations import go_seconds, hook_timeout
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.fix import Fix

_SPELT = re.compile(r"(?P<count>[1-9]\d*)\s*(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|)")


class IntervalNotParsable(Rule):
    id = "interval-not-parsable"
    severity = Severity.WARNING
    summary = "duration that Flagger can't parse"
    tags = ("schedule",)
    fixes = (Safety.SAFE, Safety.UNSAFE)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        refused = {one.at: one.message for one in refusals(manifest, self.cluster, self.id)}
        for at, message in refused.items():
            told = f"{message}: the API server refuses it"
            yield Problem(told, at=at, severity=Severity.ERROR, fix=_readable(at, manifest.get(at)))
        interval = canary.analysis.get("interval")
        if canary.at("interval") not in refused and _is_unreadable(interval):
            told = f"interval {interval!r} is no duration Go reads: Flagger takes 60s"
            yield Problem(told, at=canary.at("interval"), fix=_readable(canary.at("interval"), interval))
        for metric in canary.metrics:
            window = metric.body.get("interval")
            if (*metric.at, "interval") not in refused and _is_unreadable(window):
                at = (*metric.at, "interval")
                told = f"interval {window!r} of metric {metric.name} breaks its query"
                yield Problem(told, at=at, fix=_readable(at, window))
        for hook in canary.hooks:
            timeout = hook.body.get("timeout")
            if (*hook.at, "timeout") not in refused and timeout is not None and hook_timeout(timeout) is None:
                yield Problem(f"timeout {timeout!r} makes hook {hook.name} fail every time", at=(*hook.at, "timeout"))


def _is_unreadable(value: Any) -> bool:
    return isinstance(value, str) and value != "" and go_seconds(value) is None


def _readable(at: Route, value: Any) -> Fix | None:
    """The same time in minutes or seconds, as Flagger's pattern has it; a bare number was probably meant in seconds."""
    found = _SPELT.fullmatch(str(value).strip().lower())
    if found is None:
        return None
    count, unit = int(found["count"]), found["unit"][:1]
    meant = f"{count * 60}m" if unit == "h" else f"{count}{unit or 's'}"
    return set_value(at, meant, Safety.SAFE if unit else Safety.UNSAFE) if meant != value else None
