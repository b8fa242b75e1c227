"""Plays changes into a rollout until it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.cluster.watching.feed import Change
    from chartgen.cluster.watching.rollout import End, Rollout, Update

# How often the clock is looked at while nothing happens (seconds).
BEAT = 1.0
_GRACE = 2.0


class Changes(Protocol):
    """Where changes come from: the cluster, or a recording."""

    def next(self, seconds: float) -> Change:
        """The next change, or one without content after `seconds`."""


def follow(changes: Changes, rollout: Rollout, report: Callable[[Update], None], beat: Callable[[float], None]) -> End:
    """Report every update until the end; `beat` is called with the time while nothing happens."""
    while True:
        change = changes.next(BEAT)
        _report(rollout, change, report)
        if end := rollout.end(change):
            return _end_with_last_events(changes, rollout, report, end, change)
        beat(change.at)


def _end_with_last_events(
    changes: Changes, rollout: Rollout, report: Callable[[Update], None], end: End, change: Change
) -> End:
    """Flagger's last events arrive after the last status."""
    until = change.at + _GRACE
    while change.at < until and not change.deleted:
        change = changes.next(_GRACE)
        _report(rollout, change, report)
        if change.canary is None and change.event is None:
            break
    return rollout.end(change) or end


def _report(rollout: Rollout, change: Change, report: Callable[[Update], None]) -> None:
    for update in rollout.apply(change):
        report(update)
