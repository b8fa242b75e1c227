"""The kinds of targets: how Flagger reads, copies, scales and awaits each (pkg/canary)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.schedule.targets.daemonset import DaemonSetTarget
from chartgen.flagger.schedule.targets.deployment import DeploymentTarget
from chartgen.flagger.schedule.targets.knative import KnativeTarget
from chartgen.flagger.schedule.targets.service import ServiceTarget

if TYPE_CHECKING:
    from chartgen.flagger.canary import Canary
    from chartgen.flagger.schedule.targets.target import Target

_TARGETS: dict[str, Target] = {"DaemonSet": DaemonSetTarget(), "Service": ServiceTarget()}
_DEPLOYMENT, _KNATIVE = DeploymentTarget(), KnativeTarget()


def target_of(canary: Canary) -> Target:
    """pkg/canary/factory.go:Controller: an unknown kind counts as a Deployment."""
    return _KNATIVE if canary.knative_target else _TARGETS.get(canary.target_kind, _DEPLOYMENT)
