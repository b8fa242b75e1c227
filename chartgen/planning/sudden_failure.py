"""A release that begins to fail altogether: its windows still contain good requests from before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from chartgen.flagger.providers import observer_of
from chartgen.flagger.schedule import failing_answer, observer_name, passing_answer
from chartgen.planning.answers import FailingAnswers
from chartgen.planning.detection.checks import check_of

if TYPE_CHECKING:
    from chartgen.flagger.canary import Canary, Metric, Webhook
    from chartgen.flagger.schedule import HookAnswer, MetricAnswer, TickContext
    from chartgen.planning.detection.checks import Check


class TrafficSpan(NamedTuple):
    """From when until when (seconds) which shares (0..1) of the traffic a query counts, by version."""

    start: float
    end: float
    release: float
    primary: float = 0.0

    def seconds_after(self, second: float) -> float:
        return max(0.0, self.end - max(self.start, second))


@dataclass(slots=True)
class SuddenFailure:
    """Every request on the new version fails from the second `since` on. Only builtin checks have windows.

    `spans` are the traffic before and after; the caller adds those of the ticks that follow.
    """

    canary: Canary
    since: float
    spans: list[TrafficSpan] = field(default_factory=list)

    def metric(self, metric: Metric, source: str, context: TickContext) -> MetricAnswer:
        observer = observer_name(self.canary)
        check = check_of(metric, observer_of(observer)) if source == "builtin" else None
        passes = check is not None and self._good_share(check, context.second) >= check.low
        return (passing_answer if passes else failing_answer)(metric, source, observer)

    def hook(self, hook: Webhook, phase: str, context: TickContext) -> HookAnswer:
        return FailingAnswers(self.canary).hook(hook, phase, context)

    def _good_share(self, check: Check, now: float) -> float:
        """The share of good requests in the window that ends now; without any requests, of good seconds."""
        start = now - check.window
        good = bad = 0.0
        for span in self.spans:
            failing = span.seconds_after(max(start, self.since))
            bad += failing * span.release
            good += (span.seconds_after(start) - failing) * span.release + span.seconds_after(start) * span.primary
        if good + bad > 0:
            return good / (good + bad)
        return 1 - min(1.0, (now - self.since) / check.window)
