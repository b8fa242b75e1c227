"""A gate of the load tester that is no gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_PATHS = {
    "/gate/approve": "always lets the release pass",
    "/gate/halt": "never lets it pass: the new version waits for ever",
    "/gate/open": "answers 202 and lets every release pass",
    "/gate/close": "answers 202 and lets every release pass",
}


class ConfirmGatePath(CanaryRule):
    id = "confirm-gate-path"
    severity = Severity.WARNING
    summary = "confirm hook that calls a gate path other than /gate/check"
    tags = ("webhooks",)
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for hook in canary.hooks:
            path = next((path for path in _PATHS if hook.url.rstrip("/").endswith(path)), None)
            if hook.type.startswith("confirm-") and path:
                at = (*hook.at, "url")
                asking = hook.url.rstrip("/").removesuffix(path) + "/gate/check"
                told = f"{path} {_PATHS[path]}; only /gate/check asks the stored state"
                yield Problem(told, at=at, fix=set_value(at, asking, Safety.UNSAFE))
