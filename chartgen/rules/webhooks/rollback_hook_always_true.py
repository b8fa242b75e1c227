"""A rollback hook at something that always answers yes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.fix import Fix
    from chartgen.rules.reading.canary import Canary, Hook


_STORED = re.compile(r"/(?:rollback|gate)/(?:open|close|approve)/?$")
_YES = re.compile(r"/(rollback/open|rollback/close|gate/approve|gate/open|gate/close|healthz?|readyz?|livez?)/?$")


class RollbackHookAlwaysTrue(CanaryRule):
    id = "rollback-hook-always-true"
    severity = Severity.ERROR
    summary = "rollback hook that always triggers a rollback"
    tags = ("webhooks",)
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for hook in canary.hooks:
            if hook.type == "rollback" and (_YES.search(hook.url) or (hook.command and hook.task == "cmd")):
                yield Problem(
                    f"a rollback hook rolls back when it succeeds, and {hook.url} always does: every release is "
                    "aborted "
                    "at its first tick",
                    at=(*hook.at, "url"),
                    fix=_asking(hook),
                )


def _asking(hook: Hook) -> Fix | None:
    """The load tester's path that answers as somebody decided."""
    asking = _STORED.sub("/rollback/check", hook.url)
    return set_value((*hook.at, "url"), asking, Safety.UNSAFE) if asking != hook.url else None
