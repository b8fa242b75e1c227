"""A load test of the apex Service or a public host, which mostly reaches the old version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import provider_of
from chartgen.flagger.strategy import Strategy
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.hosts import hosts_in, namespace_in, short_name
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class LoadTestHitsApex(CanaryRule):
    id = "load-test-hits-apex"
    severity = Severity.WARNING
    summary = "load test that reaches the primary instead of the canary"
    tags = ("webhooks",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.fields.knative_target:
            # Knative splits the requests of every caller, and there is no other Service to call.
            return
        public = {str(host) for host in canary.hosts}
        for hook in canary.hooks:
            if not hook.is_load_test:
                continue
            called = [host for host in hosts_in(hook.command) if _is_apex(host, canary.apex) or host in public]
            if called:
                strategy = canary.strategy(self.cluster)
                conditions = _conditions(canary) if strategy is Strategy.AB else ()
                if any(word.lower() in hook.command.lower() for word in conditions):
                    continue
                is_split = provider_of(canary.provider(self.cluster)).mesh or called[0] in public
                yield Problem(
                    f"load test {hook.name} calls {called[0]}"
                    f"{f' without the header {conditions[0]} of the match' if conditions else ''}: "
                    f"{_effect(canary, strategy, is_split=is_split)}; call {canary.apex}-canary",
                    at=(*hook.at, "metadata", "cmd"),
                    severity=Severity.INFO if strategy is not Strategy.BLUE_GREEN and not conditions else None,
                )


def _conditions(canary: Canary) -> tuple[str, ...]:
    """The headers that the A/B test's match asks for; none if it also matches by something else."""
    headers = [match.get("headers") for match in canary.matches]
    if not all(isinstance(each, dict) and each for each in headers):
        return ()
    return tuple(str(key) for each in headers if isinstance(each, dict) for key in each)


def _effect(canary: Canary, strategy: Strategy, *, is_split: bool) -> str:
    if strategy is Strategy.WEIGHTS and is_split:
        return "only the canary's share of the requests reaches the new version"
    if strategy is Strategy.AB or canary.mirrors:
        return "the requests may not reach the new version"
    return "no request reaches the new version"


def _is_apex(host: str, apex: str) -> bool:
    return short_name(host) == apex and (host == apex or namespace_in(host) is not None)
