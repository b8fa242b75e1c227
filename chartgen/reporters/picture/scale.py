"""Scales: seconds and percent to pixels, and the ticks of the time axis."""

from __future__ import annotations

from dataclasses import dataclass

_HOURS_FROM = 4 * 3600.0
_SECONDS_BELOW = 120.0
_STEPS = {
    "seconds": (1.0, (5, 10, 20, 30)),
    "minutes": (60.0, (0.5, 1, 2, 5, 10, 15, 20, 30, 60)),
    "hours": (3600.0, (0.5, 1, 2, 3, 4, 6, 12, 24, 48, 168, 720, 2160, 8760)),
}
_TICK_WIDTH = 46.0


@dataclass(frozen=True, slots=True)
class Scale:
    """A plot's box in pixels; `seconds` is the time at its right edge."""

    left: float
    right: float
    top: float
    bottom: float
    seconds: float

    def x(self, second: float) -> float:
        return self.left + min(1.0, second / self.seconds) * (self.right - self.left)

    def y(self, percent: float) -> float:
        return self.bottom - percent / 100 * (self.bottom - self.top)


def time_ticks(scale: Scale) -> tuple[str, list[tuple[float, str]]]:
    """The unit of the time axis, and its ticks: second and text."""
    unit = "hours" if scale.seconds >= _HOURS_FROM else "minutes" if scale.seconds >= _SECONDS_BELOW else "seconds"
    size, steps = _STEPS[unit]
    room = max(2.0, (scale.right - scale.left) / _TICK_WIDTH)
    step = next((step for step in steps if scale.seconds / size / step <= room), steps[-1])
    count = int(scale.seconds / size / step + 1e-9)
    return unit, [(index * step * size, f"{index * step:g}") for index in range(count + 1)]
