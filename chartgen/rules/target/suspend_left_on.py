"""A suspended Canary, which Flagger doesn't reconcile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class SuspendLeftOn(CanaryRule):
    id = "suspend-left-on"
    severity = Severity.WARNING
    summary = "suspended Canary, which releases nothing"
    tags = ("lifecycle",)
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.field("suspend") is True:
            yield Problem(
                "suspend is true: Flagger releases nothing, and new versions stay in the target at 0 replicas",
                at=("spec", "suspend"),
                fix=set_value(("spec", "suspend"), False, Safety.UNSAFE),
            )
