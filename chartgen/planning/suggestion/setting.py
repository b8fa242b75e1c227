"""The settings of an analysis that a search changes, and a Canary with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import analysis_key, read_canary
from chartgen.flagger.providers import observer_of
from chartgen.flagger.schedule import observer_name
from chartgen.planning.detection.checks import check_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.canary import Canary

# The fields that decide how the traffic moves.
_ROUTING = ("stepWeight", "maxWeight", "stepWeights", "iterations")
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Routing:
    """How the traffic moves: `step_weight` and `max_weight`, or `step_weights`, or `iterations`; weights in percent."""

    step_weight: int = 0
    max_weight: int = 0
    step_weights: tuple[int, ...] = ()
    iterations: int = 0

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the analysis."""
        if self.iterations:
            return {"iterations": self.iterations}
        if self.step_weights:
            return {"stepWeights": list(self.step_weights)}
        return {"maxWeight": self.max_weight, "stepWeight": self.step_weight}

    @property
    def checks(self) -> int:
        """The checks that a good release takes at least."""
        return self.iterations or len(self.step_weights) or -(-self.max_weight // max(1, self.step_weight))

    @property
    def description(self) -> str:
        if self.iterations:
            return f"{self.iterations} iteration{'s' if self.iterations > 1 else ''}"
        if self.step_weights:
            return "/".join(map(str, self.step_weights)) + " %"
        if self.step_weight == self.max_weight:
            return f"{self.max_weight} %"
        return f"{self.step_weight} to {self.max_weight} % by {self.step_weight}"


@dataclass(frozen=True, slots=True)
class Setting:
    """One point of the search; `interval` and `window` in seconds."""

    routing: Routing
    interval: int
    window: int
    threshold: int

    @property
    def description(self) -> str:
        """In one line."""
        window = "" if self.window == self.interval else f", window {duration_text(self.window)}"
        return f"{self.routing.description}, every {duration_text(self.interval)}{window}, threshold {self.threshold}"


def duration_text(seconds: float) -> str:
    """As Flagger's CRD and Prometheus both read it: 90s, 5m."""
    whole = round(seconds)
    return f"{whole}s" if whole % _MINUTE else f"{whole // _MINUTE}m"


def setting_of(canary: Canary) -> Setting | None:
    """The settings that a Canary has; None if no check counts requests."""
    analysis = canary.analysis
    windows = [canary_window for metric in _metrics(canary.manifest) if (canary_window := _window(canary, metric))]
    if not windows:
        return None
    routing = Routing(analysis.step_weight, analysis.max_weight or 100, analysis.step_weights, analysis.iterations)
    return Setting(routing, round(canary.interval), round(max(windows)), canary.threshold)


def with_setting(manifest: Mapping[str, Any], setting: Setting) -> dict[str, Any]:
    """The Canary with these settings; what they don't decide stays, metrics without a modeled check too."""
    canary = read_canary(manifest)
    spec, key = dict(manifest["spec"]), analysis_key(manifest["spec"])
    kept = {name: value for name, value in spec[key].items() if name not in _ROUTING}
    analysis = {**kept, **setting.routing.fields, "threshold": setting.threshold}
    analysis["interval"] = duration_text(setting.interval)
    analysis["metrics"] = [
        {**metric, "interval": duration_text(setting.window)} if _window(canary, metric) else metric
        for metric in _metrics(manifest)
    ]
    spec[key] = analysis
    return {**manifest, "spec": spec}


def _metrics(manifest: Mapping[str, Any]) -> list[Any]:
    spec = manifest.get("spec") or {}
    return list((spec.get(analysis_key(spec)) or {}).get("metrics") or [])


def _window(canary: Canary, metric: Any) -> float | None:
    """The window (seconds) of a metric whose outcome depends on request counts; None for another one."""
    single = read_canary({"spec": {"analysis": {"metrics": [metric]}}}).analysis.metrics
    check = check_of(single[0], observer_of(observer_name(canary))) if single else None
    return check.window if check else None
