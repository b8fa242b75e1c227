"""A test hook without a type: it runs at every tick, after users get the new version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

# Tasks of the load tester that wait for their command and fail with it (pkg/loadtester).
_TESTS = ("bash", "helm", "helmv3")


class AcceptanceTestAsRolloutHook(CanaryRule):
    id = "acceptance-test-as-rollout-hook"
    severity = Severity.INFO
    summary = "test hook without a type, which runs only after users get the new version"
    tags = ("webhooks",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if any(hook.type == "pre-rollout" for hook in canary.hooks):
            return
        for hook in canary.hooks:
            if "type" not in hook.body and hook.task in _TESTS:
                yield Problem(
                    f"hook {hook.name} has no type: Flagger runs it at every tick, after users get the new version; "
                    "set type: pre-rollout",
                    at=(*hook.at, "metadata", "type"),
                )
