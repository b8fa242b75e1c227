"""skipAnalysis although the policy forbids it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.policy_rule import PolicyRule
from chartgen.rules.rule import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class PolicySkipAnalysis(PolicyRule):
    id = "policy-skip-analysis"
    summary = "skipAnalysis although the policy forbids it"

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if self.policy.forbid_skip_analysis and canary.field("skipAnalysis") is True:
            message = "the policy forbids skipAnalysis: Flagger promotes every change without checks"
            yield Problem(message, at=("spec", "skipAnalysis"))
