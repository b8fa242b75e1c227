"""A target that an Argo Rollout runs, too: two controllers change its replicas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

_REF = ("spec", "workloadRef")


class TargetOwnedByRollout(CanaryRule):
    id = "target-owned-by-rollout"
    severity = Severity.ERROR
    summary = "target that an Argo Rollout runs, too"
    tags = ("target", "references")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        for rollout in in_same_namespace(canary.manifest, rendering, "Rollout"):
            ref = rollout.get(_REF)
            if not rollout.api_version.startswith("argoproj.io/") or not isinstance(ref, dict):
                continue
            if (ref.get("kind"), ref.get("name")) == (canary.target_kind, canary.target):
                yield Problem(
                    f"Argo Rollout {rollout.name} runs {canary.target_kind} {canary.target} through workloadRef: "
                    "Flagger and Argo Rollouts both change what runs, and each release goes out past Flagger's "
                    "analysis; remove the Rollout or the Canary",
                    at=(*_REF, "name"),
                    manifest=rollout,
                )
