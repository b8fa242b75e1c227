"""How long a workload's pods take to become available, as far as its manifest tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Mapping

_PERIOD = 10


@dataclass(frozen=True, slots=True)
class PodStart:
    """Seconds from the pod's start until it is ready, then until it counts as available, and where they come from."""

    ready: float
    min_ready: float
    source: str

    @property
    def seconds(self) -> float:
        return self.ready + self.min_ready


def pod_start(workload: Mapping[str, Any] | None, given: float | None = None) -> PodStart:
    """The earliest moment the probes allow, or the time to readiness that is `given`.

    The kubelet probes first after initialDelaySeconds and then every periodSeconds; readiness waits until the startup
    probe has passed; available is minReadySeconds later (k8s.io/kubernetes pkg/kubelet/prober/worker.go:doProbe).
    Pulling the image and the program's own start come on top and cannot be read in a manifest.
    """
    min_ready = _number(value_at(workload, ("spec", "minReadySeconds")))
    if given is not None:
        return PodStart(given, min_ready, "as given")
    containers = value_at(workload, ("spec", "template", "spec", "containers"), [])
    ready = [_container(one) for one in containers if isinstance(one, dict)] if isinstance(containers, list) else []
    return PodStart(max(ready, default=0.0), min_ready, "from the probes" if any(ready) else "no probe delays it")


def _container(container: Mapping[str, Any]) -> float:
    startup = _probe(container.get("startupProbe"))
    readiness = container.get("readinessProbe")
    return max(startup, _probe(readiness)) if isinstance(readiness, dict) else startup


def _probe(probe: Any) -> float:
    """Seconds until a probe whose every answer is good has passed."""
    if not isinstance(probe, dict):
        return 0.0
    successes = max(1.0, _number(probe.get("successThreshold"), 1))
    return _number(probe.get("initialDelaySeconds")) + (successes - 1) * _number(probe.get("periodSeconds"), _PERIOD)


def _number(value: Any, default: float = 0.0) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else default
