"""The metric checks of a Canary whose outcome follows from counted requests."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from chartgen.flagger.canary import DURATION, SUCCESS_RATE
from chartgen.flagger.providers import observer_of
from chartgen.flagger.schedule import observer_name

if TYPE_CHECKING:
    from chartgen.flagger.canary import Canary, Metric
    from chartgen.flagger.providers import Observer

# scheduler_metrics.go: builtin checks default to one minute.
DEFAULT_WINDOW = "1m"
# The duration check asks Prometheus for histogram_quantile(0.99, …), where it does not ask for a mean.
QUANTILE = Fraction(99, 100)

_PARTS = re.compile(r"(\d{1,9})(ms|y|w|d|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}


@dataclass(frozen=True, slots=True)
class Check:
    """One builtin check. It passes while the good share of the window's requests lies within `low` and `high`.

    `window` is in seconds. Good is a request that is no 5xx (`kind` success rate), or is within the bound (duration).
    A window without requests has no value and fails whatever the bounds say.
    """

    kind: str
    window: float
    low: Fraction
    high: Fraction = Fraction(1)

    def good_range(self, bad: int) -> tuple[int, float]:
        """The numbers of good requests, first and last, with which the check passes beside `bad` bad ones."""
        least = 1 if bad == 0 else 0
        if bad and self.low >= 1:
            return 0, -1
        if bad and self.low > 0:
            least = math.ceil(self.low * bad / (1 - self.low))
        if self.high >= 1:
            return least, math.inf
        return least, math.floor(self.high * bad / (1 - self.high)) if self.high >= 0 else -1

    def passes(self, good: int, bad: int) -> bool:
        """The check's answer for one window."""
        first, last = self.good_range(bad)
        return first <= good <= last


@dataclass(frozen=True, slots=True)
class Checks:
    """What a Canary measures. `unknown` names checks whose outcome cannot follow from counted requests."""

    known: tuple[Check, ...]
    unknown: tuple[str, ...]

    def of(self, kind: str) -> tuple[Check, ...]:
        return tuple(check for check in self.known if check.kind == kind)


def checks_of(canary: Canary) -> Checks:
    """The checks of a Canary."""
    known: list[Check] = []
    unknown: list[str] = []
    for metric in canary.analysis.metrics:
        check = _builtin(metric, observer_of(observer_name(canary)))
        if check is not None:
            known.append(check)
        if check is None or metric.template or metric.query:
            unknown.append(metric.name)
    return Checks(tuple(known), tuple(unknown))


def _builtin(metric: Metric, observer: Observer) -> Check | None:
    window = prometheus_seconds(metric.interval or DEFAULT_WINDOW)
    if not window or not metric.is_builtin:
        return None
    if metric.name == DURATION:
        return None if observer.mean else _duration(metric, window)
    low = metric.minimum if metric.ranged else metric.threshold
    high = metric.maximum
    return Check(SUCCESS_RATE, window, _percent(low or 0), Fraction(1) if high is None else _percent(high))


def _duration(metric: Metric, window: float) -> Check | None:
    """P99 stays within its upper bound while at least 99 % of the requests do; a lower bound is not modelled."""
    if metric.minimum is not None:
        return None
    bounded = not metric.ranged or metric.maximum is not None
    return Check(DURATION, window, QUANTILE if bounded else Fraction(0))


def _percent(value: float) -> Fraction:
    """As written: 99.9 is 999/1000 of the requests, not the float nearest to it."""
    return Fraction(str(value)) / 100


def prometheus_seconds(text: str) -> float | None:
    """A range such as `1m` or `1h30m` in seconds, None where Prometheus cannot read it."""
    if not text or _PARTS.sub("", text):
        return None
    return sum(int(amount) * _SECONDS[unit] for amount, unit in _PARTS.findall(text))
