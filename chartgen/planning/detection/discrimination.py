"""Whether rollbacks distinguish a bad release from a healthy one."""

from __future__ import annotations

# This share of rolled back healthy releases doesn't matter next to any detection.
TOLERABLE_FALSE_ALARM = 0.01
# From this share on, a plan warns about false alarms.
NOTABLE_FALSE_ALARM = 0.05


def detects(rolled_back: float, false_alarm: float) -> bool:
    """Whether most rollbacks of a bad release are due to the release: healthy ones have less than half as many.

    Both are probabilities (0..1). A check without values fails, so with too few requests Flagger rolls back all
    releases alike.
    """
    return false_alarm <= TOLERABLE_FALSE_ALARM or false_alarm < rolled_back / 2
