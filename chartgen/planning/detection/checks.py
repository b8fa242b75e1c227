"""The metric checks of a Canary whose outcome depends on request counts alone."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from chartgen.flagger.canary import DURATION, SUCCESS_RATE
from chartgen.flagger.providers import observer_of
from chartgen.flagger.schedule import observer_name
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from chartgen.flagger.canary import Canary, Metric
    from chartgen.flagger.providers import Observer

# scheduler_metrics.go: builtin checks default to one minute.
DEFAULT_WINDOW = "1m"
# The duration check asks Prometheus for histogram_quantile(0.99, …), where it does not query a mean.
QUANTILE = Fraction(99, 100)

_PARTS = lazy_pattern(r"(\d{1,9})(ms|y|w|d|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}


class Check(NamedTuple):
    """One builtin check. It passes if the share of good requests in its window is between `low` and `high`.

    `window` is in seconds. A request is good if it isn't a 5xx (`kind` success rate) or is within the bound (duration).
    A window without requests has no value, so the check fails regardless of the bounds.
    """

    kind: str
    window: float
    low: Fraction
    high: Fraction = Fraction(1)

    def good_range(self, bad: int) -> tuple[int, float]:
        """The lowest and the highest number of good requests with which the check passes, given `bad` bad ones."""
        minimum = 1 if bad == 0 else 0
        if bad and self.low >= 1:
            return 0, -1
        if bad and self.low > 0:
            minimum = math.ceil(self.low * bad / (1 - self.low))
        if self.high >= 1:
            return minimum, math.inf
        return minimum, math.floor(self.high * bad / (1 - self.high)) if self.high >= 0 else -1

    def passes(self, good: int, bad: int) -> bool:
        """Whether the check passes for one window."""
        lowest, highest = self.good_range(bad)
        return lowest <= good <= highest


class Checks(NamedTuple):
    """`modeled`: the checks that depend on request counts alone; `unmodeled`: the names of the other metrics."""

    modeled: tuple[Check, ...]
    unmodeled: tuple[str, ...]


def checks_of(canary: Canary) -> Checks:
    """The checks of a Canary."""
    modeled: list[Check] = []
    unmodeled: list[str] = []
    for metric in canary.analysis.metrics:
        check = check_of(metric, observer_of(observer_name(canary)))
        if check is not None:
            modeled.append(check)
        if check is None or metric.template or metric.query:
            unmodeled.append(metric.name)
    return Checks(tuple(modeled), tuple(unmodeled))


def check_of(metric: Metric, observer: Observer) -> Check | None:
    """The builtin check of a metric; None if there is none, or if it doesn't depend on request counts alone."""
    window = prometheus_seconds(metric.interval or DEFAULT_WINDOW)
    if not window or not metric.is_builtin:
        return None
    if metric.name == DURATION:
        return None if observer.mean else _duration(metric, window)
    low = metric.minimum if metric.ranged else metric.threshold
    high = metric.maximum
    return Check(SUCCESS_RATE, window, _percent(low or 0), Fraction(1) if high is None else _percent(high))


def _duration(metric: Metric, window: float) -> Check | None:
    """P99 is within its upper bound if at least 99 % of the requests are; a lower bound isn't modeled."""
    if metric.minimum is not None:
        return None
    bounded = not metric.ranged or metric.maximum is not None
    return Check(DURATION, window, QUANTILE if bounded else Fraction(0))


def _percent(value: float) -> Fraction:
    """Exact: 99.9 is 999/1000 of the requests, not the nearest float."""
    return Fraction(str(value)) / 100


def prometheus_seconds(text: str) -> float | None:
    """A range such as `1m` or `1h30m` in seconds; None if Prometheus can't parse it."""
    if not text or _PARTS.sub("", text):
        return None
    return sum(int(amount) * _SECONDS[unit] for amount, unit in _PARTS.findall(text))
