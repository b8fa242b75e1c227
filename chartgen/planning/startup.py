"""How long a workload's pods take to become available, according to its manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULT_PERIOD_SECONDS = 10


class PodStart(NamedTuple):
    """Seconds from the pod's start until it is ready, and from then until it is available; `source` is for reports."""

    ready: float
    min_ready: float
    source: str

    @property
    def seconds(self) -> float:
        return self.ready + self.min_ready


def pod_start(workload: Mapping[str, Any] | None, given: float | None = None) -> PodStart:
    """The earliest time that the probes allow, or the time to readiness that is `given`.

    The kubelet probes first after initialDelaySeconds and then every periodSeconds. Readiness waits for the startup
    probe; the pod is available minReadySeconds later (k8s.io/kubernetes pkg/kubelet/prober/worker.go:doProbe).
    A manifest doesn't show the time for image pulls and for application startup.
    """
    min_ready = _number(value_at(workload, ("spec", "minReadySeconds")))
    if given is not None:
        return PodStart(given, min_ready, "from --pod-start")
    containers = value_at(workload, ("spec", "template", "spec", "containers"), [])
    listed = containers if isinstance(containers, list) else []
    ready = [_ready_seconds(container) for container in listed if isinstance(container, dict)]
    return PodStart(max(ready, default=0.0), min_ready, "from the probes" if any(ready) else "no probe adds a delay")


def _ready_seconds(container: Mapping[str, Any]) -> float:
    startup = _probe_seconds(container.get("startupProbe"))
    readiness = container.get("readinessProbe")
    return max(startup, _probe_seconds(readiness)) if isinstance(readiness, dict) else startup


def _probe_seconds(probe: Any) -> float:
    """Seconds until a probe passes if every attempt succeeds."""
    if not isinstance(probe, dict):
        return 0.0
    successes = max(1.0, _number(probe.get("successThreshold"), 1))
    period = _number(probe.get("periodSeconds"), _DEFAULT_PERIOD_SECONDS)
    return _number(probe.get("initialDelaySeconds")) + (successes - 1) * period


def _number(value: Any, default: float = 0.0) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else default
