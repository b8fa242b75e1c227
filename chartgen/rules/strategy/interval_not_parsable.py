"""A duration that Go can't parse, whether or not the API server accepts it: its pattern ignores how a value ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.go_durations import duration_seconds
from chartgen.patterns import lazy_pattern
from chartgen.rules.claim import Claim
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.durations import hook_timeout
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.fix import Fix

_DURATION = lazy_pattern(r"(?P<count>[1-9]\d{0,8})\s*(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|)")

_DURATIONS = (("interval",), ("timeout",))


class IntervalNotParsable(Rule):
    id = "interval-not-parsable"
    severity = Severity.WARNING
    summary = "duration that Flagger can't parse"
    tags = ("schedule",)
    refused = Claim(lambda manifest, at, _message: at[-1:] in _DURATIONS and isinstance(manifest.get(at), str))
    fixes = (Safety.SAFE, Safety.UNSAFE)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        refused = {refusal.at: refusal.message for refusal in refusals(manifest, self.cluster, self.id)}
        for at, reason in refused.items():
            message = f"{at[-1]} {reason}: the API server rejects the Canary"
            yield Problem(message, at=at, severity=Severity.ERROR, fix=_parsable(at, manifest.get(at)))
        interval = canary.analysis.get("interval")
        if canary.at("interval") not in refused and _is_invalid(interval):
            message = f"interval {interval!r} isn't a valid duration: Flagger uses 60s"
            yield Problem(message, at=canary.at("interval"), fix=_parsable(canary.at("interval"), interval))
        for metric in canary.metrics:
            window = metric.body.get("interval")
            if (*metric.at, "interval") not in refused and _is_invalid(window):
                at = (*metric.at, "interval")
                message = f"interval {window!r} of metric {metric.name} isn't a valid duration: it breaks the query"
                yield Problem(message, at=at, fix=_parsable(at, window))
        for hook in canary.hooks:
            timeout = hook.body.get("timeout")
            if (*hook.at, "timeout") not in refused and timeout is not None and hook_timeout(timeout) is None:
                message = f"timeout {timeout!r} of hook {hook.name} isn't a valid duration: the hook fails every time"
                yield Problem(message, at=(*hook.at, "timeout"))


def _is_invalid(value: Any) -> bool:
    return isinstance(value, str) and value != "" and duration_seconds(value) is None


def _parsable(at: Route, value: Any) -> Fix | None:
    """The same time in minutes or seconds, as the CRD's pattern wants it; a bare number probably means seconds."""
    found = _DURATION.fullmatch(str(value).strip().lower())
    if found is None:
        return None
    count, unit = int(found["count"]), found["unit"][:1]
    duration = f"{count * 60}m" if unit == "h" else f"{count}{unit or 's'}"
    return set_value(at, duration, Safety.SAFE if unit else Safety.UNSAFE) if duration != value else None
