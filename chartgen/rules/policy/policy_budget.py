"""A release that costs more than the policy's budgets: exposure, duration, time to roll back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.errors import ChartgenError
from chartgen.rules.policy_rule import PolicyRule
from chartgen.rules.rule import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

_WORDS = {
    "max-exposure": "the exposure",
    "max-duration": "the time to promote",
    "max-rollback-time": "the worst time to roll back",
    "max-failed-requests": "what fails before a rollback",
    "detect": "the chance to see a bad release",
}


class PolicyBudget(PolicyRule):
    id = "policy-budget"
    summary = "rollout that exceeds the policy's budgets"

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if not self.policy.budgets:
            return
        from chartgen.flagger.crd import NEWEST
        from chartgen.manifests.namespaced import body_with_namespace
        from chartgen.planning.budgets import exceeded
        from chartgen.planning.planner import plan_release
        from chartgen.planning.request import PlanRequest, Stage
        from chartgen.planning.scenarios import FAILING, SUCCESS

        namespace = rendering.request.namespace
        bodies = tuple(body_with_namespace(one, namespace) for one in rendering.manifests)
        stage = Stage(body_with_namespace(canary.manifest, namespace), bodies)
        request = PlanRequest(
            scenarios=(SUCCESS, FAILING),
            settings=self.policy.traffic,
            flagger=self.cluster.flagger or NEWEST,
            error_rates=(),
            detect=self.policy.budgets.detect,
        )
        try:
            plan = plan_release(stage, request)
        except ChartgenError:
            return  # The API server refuses the Canary, which canary-refused tells.
        for excess in exceeded(plan, self.policy.budgets):
            yield Problem(
                f"{_WORDS[excess.budget]} is beyond the policy's {excess.budget} {excess.limit}: {excess.found}",
                at=canary.at(),
            )
