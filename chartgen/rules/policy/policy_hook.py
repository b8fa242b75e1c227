"""A webhook or alert that the policy requires is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.policy_rule import PolicyRule
from chartgen.rules.rule import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class PolicyHook(PolicyRule):
    id = "policy-hook"
    summary = "missing webhook or alert that the policy requires"

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        types = {hook.type for hook in canary.hooks}
        for required in self.policy.webhooks:
            if required not in types:
                at = canary.at("webhooks") if types else canary.at()
                yield Problem(f"the policy requires a webhook of type {required}", at=at)
        if self.policy.alerts and not any(True for _ in canary.alerts):
            yield Problem("the policy requires an alert, and the analysis has none", at=canary.at())
