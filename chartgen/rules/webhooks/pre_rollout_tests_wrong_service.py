"""A pre-rollout test of the apex Service or a public host, which reaches the old version."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.hosts import hosts_in, short_name
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_HEADER = lazy_pattern(
    r"(?:host|:authority)[ =:]+[\"']?(?P<host>[^\s\"']+)|--resolve[ =](?P<resolved>[^:\s]+)", re.IGNORECASE
)


def _names(command: str, host: str) -> bool:
    """Whether a command asks a gateway for a public host."""
    return any(host in match.groups() for match in _HEADER.finditer(command))


class PreRolloutTestsWrongService(CanaryRule):
    id = "pre-rollout-tests-wrong-service"
    severity = Severity.ERROR
    summary = "pre-rollout test that reaches the old version"
    tags = ("webhooks",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        public = {str(host) for host in canary.hosts}
        for hook in canary.hooks:
            if hook.type != "pre-rollout":
                continue
            hosts = hosts_in(hook.command)
            called = [host for host in hosts if short_name(host) == canary.apex or host in public]
            # Through a gateway: the public host is in a header.
            called += [host for host in public if host and not called and _names(hook.command, host)]
            if called and canary.apex:
                # Knative has no Service for the new revision alone.
                way_on = "remove the hook" if canary.fields.knative_target else f"call {canary.apex}-canary"
                yield Problem(
                    f"hook {hook.name} calls {called[0]} while the canary has no traffic: it tests the old version; "
                    f"{way_on}",
                    at=(*hook.at, "metadata", "cmd"),
                )
