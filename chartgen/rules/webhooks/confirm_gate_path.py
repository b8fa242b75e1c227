"""A confirm hook that calls a path of the load tester which doesn't read the stored state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_EFFECTS = {
    "/gate/approve": "always lets the release pass",
    "/gate/halt": "never lets the release pass, and the new version waits forever",
    "/gate/open": "opens the gate and lets every release pass",
    "/gate/close": "closes the gate, but answers 202 and lets every release pass",
}


class ConfirmGatePath(CanaryRule):
    id = "confirm-gate-path"
    severity = Severity.WARNING
    summary = "confirm hook that calls a gate path other than /gate/check"
    tags = ("webhooks",)
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for hook in canary.hooks:
            path = next((path for path in _EFFECTS if hook.url.rstrip("/").endswith(path)), None)
            if hook.type.startswith("confirm-") and path:
                at = (*hook.at, "url")
                check_url = hook.url.rstrip("/").removesuffix(path) + "/gate/check"
                message = f"{path} {_EFFECTS[path]}; call /gate/check, which reads the gate's state"
                yield Problem(message, at=at, fix=set_value(at, check_url, Safety.UNSAFE))
