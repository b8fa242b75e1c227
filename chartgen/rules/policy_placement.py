"""Namespace, provider, gateways and hosts that the policy does not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.policy_rule import PolicyRule, is_allowed
from chartgen.rules.reading.neighbours import namespace_of
from chartgen.rules.rule import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class PolicyPlacement(PolicyRule):
    id = "policy-placement"
    summary = "a namespace, provider, gateway or host the policy does not allow"

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        namespace = namespace_of(canary.manifest, rendering)
        if not is_allowed(namespace, self.policy.namespaces):
            at = ("metadata", "namespace") if canary.manifest.namespace else ("kind",)
            yield Problem(_told("namespace", namespace, self.policy.namespaces), at=at)
        provider = canary.provider(self.cluster)
        if not is_allowed(provider, self.policy.providers):
            yield Problem(_told("provider", provider, self.policy.providers), at=("spec", "provider"))
        for key, globs in (("gateways", self.policy.gateways), ("hosts", self.policy.hosts)):
            given = canary.gateways if key == "gateways" else canary.hosts
            for index, name in enumerate(given):
                if not is_allowed(str(name), globs):
                    yield Problem(_told(key[:-1], str(name), globs), at=("spec", "service", key, index))


def _told(what: str, name: str, allowed: tuple[str, ...]) -> str:
    return f"{what} {name} is none of those the policy allows: {', '.join(allowed)}"
