"""A load test at the apex: it tests the old version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.hosts import hosts_in, namespace_in, short_name
from chartgen.rules.reading.providers import is_mesh
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
        public = {str(host) for host in canary.hosts}
        for hook in canary.hooks:
            if not hook.is_load_test:
                continue
            hit = [host for host in hosts_in(hook.command) if _is_apex(host, canary.apex) or host in public]
            if hit:
                split = canary.strategy == "weights" and is_mesh(canary.provider(self.cluster))
                yield Problem(
                    f"the load test {hook.name} speaks to {hit[0]}: "
                    + ("only the canary's share of it" if split else "none of it")
                    + f" reaches the new version; {canary.apex}-canary does",
                    at=(*hook.at, "metadata", "cmd"),
                    severity=Severity.INFO if canary.strategy != "bluegreen" else None,
                )


def _is_apex(host: str, apex: str) -> bool:
    return short_name(host) == apex and (host == apex or namespace_in(host) is not None)
