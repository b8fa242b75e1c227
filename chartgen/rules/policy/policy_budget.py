"""A rollout that exceeds the policy's budgets for exposure, duration or time to roll back."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from chartgen.errors import ChartgenError, UsageError
from chartgen.rules.policy_rule import PolicyRule
from chartgen.rules.rule import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.planning.release_plan import ReleasePlan
    from chartgen.planning.request import PlanRequest
    from chartgen.rules.reading.canary import Canary

_VIOLATIONS = {
    "max-exposure": "the exposure exceeds",
    "max-duration": "the time to promote exceeds",
    "max-rollback-time": "the worst time to roll back exceeds",
    "max-failed-requests": "the number of failed requests before a rollback exceeds",
    "false-alarm": "the chance of rolling back a healthy release exceeds",
    "detect": "the chance of rolling back a bad release is below",
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
        from chartgen.planning.request import PlanRequest
        from chartgen.planning.scenarios import FAILING, SUCCESS

        namespace = rendering.request.namespace
        bodies = tuple(body_with_namespace(manifest, namespace) for manifest in rendering.manifests)
        release = json.dumps([body_with_namespace(canary.manifest, namespace), bodies], sort_keys=True)
        request = PlanRequest(
            scenarios=(SUCCESS, FAILING),
            settings=self.policy.traffic._replace(scrape_seconds=self.cluster.scrape_seconds),
            flagger=self.cluster.flagger or NEWEST,
            error_rates=(),
            detect=self.policy.budgets.detect,
            mesh_provider=self.cluster.provider,
        )
        try:
            plan = _plan(release, request)
        except ChartgenError:
            return  # The API server rejects the Canary, which canary-refused reports.
        try:
            found = exceeded(plan, self.policy.budgets)
        except UsageError as error:
            yield Problem(f"the policy's budgets can't be checked: {error.message.removeprefix('--')}", at=canary.at())
            return
        for excess in found:
            yield Problem(
                f"{_VIOLATIONS[excess.budget]} the policy's {excess.budget} {excess.limit}: {excess.found}",
                at=canary.at(),
            )


@lru_cache(maxsize=32)
def _plan(release: str, request: PlanRequest) -> ReleasePlan:
    """The plan of a Canary and the objects around it, as JSON: other releases and a fix often render the same."""
    from chartgen.planning.planner import plan_release
    from chartgen.planning.request import CanaryContext

    canary, objects = json.loads(release)
    return plan_release(CanaryContext(canary, tuple(objects)), request)
