"""Webhooks and alerts the policy asks for."""

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
        there = {hook.type for hook in canary.hooks}
        for wanted in self.policy.webhooks:
            if wanted not in there:
                at = canary.at("webhooks") if there else canary.at()
                yield Problem(f"the policy asks for a webhook of type {wanted}", at=at)
        if self.policy.alerts and not any(True for _ in canary.alerts):
            yield Problem("the policy asks for an alert: nobody hears of a rollback", at=canary.at())
