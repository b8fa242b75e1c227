"""A rollback hook whose URL always answers 2xx: it rolls back every release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.fix import Fix
    from chartgen.rules.reading.canary import Canary, LocatedHook


_STORED_STATE = lazy_pattern(r"/(?:rollback|gate)/(?:open|close|approve)/?$")
_ALWAYS_SUCCEEDS = lazy_pattern(
    r"/(rollback/open|rollback/close|gate/approve|gate/open|gate/close|healthz?|readyz?|livez?)/?$"
)


class RollbackHookAlwaysTrue(CanaryRule):
    id = "rollback-hook-always-true"
    severity = Severity.ERROR
    summary = "rollback hook that always triggers a rollback"
    tags = ("webhooks",)
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for hook in canary.hooks:
            if hook.type == "rollback" and (_ALWAYS_SUCCEEDS.search(hook.url) or (hook.command and hook.task == "cmd")):
                yield Problem(
                    f"a rollback hook triggers when it succeeds, and {hook.url} always does: Flagger rolls back every "
                    "release at its first tick",
                    at=(*hook.at, "url"),
                    fix=_call_rollback_check(hook),
                )


def _call_rollback_check(hook: LocatedHook) -> Fix | None:
    """Call the load tester's /rollback/check, which answers from the stored state."""
    check_url = _STORED_STATE.sub("/rollback/check", hook.url)
    return set_value((*hook.at, "url"), check_url, Safety.UNSAFE) if check_url != hook.url else None
