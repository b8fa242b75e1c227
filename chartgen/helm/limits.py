"""The limits of time, memory and output for rendering one chart, and how much it has used."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chartgen.errors import LimitExceeded

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.charts.chart import Chart

MEBIBYTE = 1024 * 1024
# Seconds of each call that don't count: generating certificates for many releases isn't an endless loop.
_UNCOUNTED_SECONDS = 1.0
# Helm keeps a release in a Secret of at most 1 MiB, compressed: no chart that installs comes near these shares of the
# memory, 16 MiB of text and 2,048 objects by default. What is rendered must be read and checked too.
_ANSWER_SHARE = 64
_BYTES_PER_OBJECT = 512 * 1024


class RenderLimits(NamedTuple):
    """`seconds` of Helm's time for one chart and `memory` in bytes above the idle worker; 0 is no limit."""

    seconds: float = 10
    memory: int = 1024 * MEBIBYTE

    @property
    def answer(self) -> int:
        """The longest accepted answer of Helm in bytes; 0 is no limit."""
        return self.memory // _ANSWER_SHARE

    @property
    def objects(self) -> int:
        """The most accepted objects in one rendering; 0 is no limit."""
        return self.memory // _BYTES_PER_OBJECT


class Spending:
    """Charges each chart with the time Helm needs for it, over all its releases and edited versions.

    A chart that exceeded a limit once is rejected from then on; otherwise each release would take the full time.
    """

    def __init__(self, limits: RenderLimits) -> None:
        self.limits = limits
        # Keyed by the identity of `Chart.root`, which all versions of one loaded chart share. The path is kept beside
        # the number, so that the identity stays taken.
        self._spent: dict[int, tuple[Path, float]] = {}
        self._exceeded: list[tuple[Chart, LimitExceeded]] = []
        self._latest: Chart | None = None

    def remaining(self, chart: Chart | None) -> float | None:
        """Seconds left for the chart, or for reading what the latest one rendered; None without a limit.

        Raises the LimitExceeded of an earlier call for this chart.
        """
        self._latest = chart or self._latest
        for other, error in self._exceeded:
            if self._latest and _is_same(other, self._latest):
                error.repeated, self._latest = True, None
                raise error
        if not self.limits.seconds:
            return None
        return self.limits.seconds - (self._spent_on(self._latest) if self._latest else 0)

    def charge(self, seconds: float) -> None:
        """Count a call for the latest chart; raises LimitExceeded if its time is used up.

        `seconds` is CPU time if that is less than wall time: a busy machine isn't the chart's fault.
        """
        chart = self._latest
        if chart is None or seconds < _UNCOUNTED_SECONDS:
            return
        total = self._spent_on(chart) + seconds - _UNCOUNTED_SECONDS
        self._spent[id(chart.root)] = (chart.root, total)
        if self.limits.seconds and total >= self.limits.seconds:
            raise self.out_of_time()

    def out_of_time(self) -> LimitExceeded:
        """The error for a chart that used up its time; each later call for it raises the same error."""
        limit = f"{self.limits.seconds:g} s"
        return self._refuse(
            f"Helm needs more than {limit} to render the chart",
            limit,
            "look for a loop without end, or allow more time with --render-timeout",
        )

    def out_of_memory(self, signal: str = "") -> LimitExceeded:
        """The error for a chart that exceeds the memory limit; with a `signal` that ended Helm, that is likely."""
        limit = f"{self.limits.memory // MEBIBYTE} MiB"
        needs = f"Helm ended with {signal}, and may need" if signal else "Helm needs"
        return self._refuse(
            f"{needs} more than {limit} of memory to render the chart",
            limit,
            "look for text that is repeated or grows in a loop, or allow more with --render-memory",
        )

    def too_long(self) -> LimitExceeded:
        """The error for a chart that renders too much text."""
        limit = f"{self.limits.answer // MEBIBYTE} MiB"
        return self._refuse(
            f"the chart renders more than {limit} of text",
            limit,
            "look for a loop that prints without end, or allow more with --render-memory",
        )

    def check_count(self, objects: int) -> None:
        """Raise LimitExceeded for a rendering with too many objects."""
        most = self.limits.objects
        if most and objects > most:
            raise self._refuse(
                f"the chart renders more than {most:,} objects",
                f"{most} objects",
                "look for a loop that prints without end, or allow more with --render-memory",
            )

    def _refuse(self, message: str, limit: str, hint: str) -> LimitExceeded:
        error = LimitExceeded(message, limit=limit, hint=hint)
        if self._latest is not None:
            self._exceeded.append((self._latest, error))
        self._latest = None
        return error

    def _spent_on(self, chart: Chart) -> float:
        return self._spent.get(id(chart.root), (chart.root, 0.0))[1]


def _is_same(chart: Chart, other: Chart) -> bool:
    """Whether one is an edited version of the other, or the same files loaded again."""
    return chart.root is other.root or (chart.root == other.root and chart.files == other.files)
