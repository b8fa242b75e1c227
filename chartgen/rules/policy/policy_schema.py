"""A Canary that violates the organization's own JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.policy_rule import PolicyRule
from chartgen.rules.rule import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class PolicySchema(PolicyRule):
    id = "policy-schema"
    summary = "Canary that violates the policy's JSON Schema"

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if self.policy.schema is None:
            return
        errors = self.policy.schema.iter_errors(canary.manifest.body)
        name = f"schema {self.policy.schema_name}".rstrip()
        for error in sorted(errors, key=lambda error: list(map(str, error.absolute_path))):
            yield Problem(f"the Canary violates the policy's {name}: {error.message}", at=tuple(error.absolute_path))
