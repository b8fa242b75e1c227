"""A hook that calls the load tester's root path without a valid task: it fails every time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


# pkg/loadtester/server.go:HandleNewTask
_TASKS = ("cmd", "bash", "helm", "helmv3", "kubectl", "concord", "ngrinder")
_ROOT = lazy_pattern(r"https?://[^/]*load-?test[^/]*/?$", re.IGNORECASE)


class HookWithoutMetadataForLoadTester(CanaryRule):
    id = "hook-without-metadata-for-load-tester"
    severity = Severity.ERROR
    summary = "load tester hook without a valid task"
    tags = ("webhooks",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for hook in canary.hooks:
            if not _ROOT.search(hook.url) or hook.type == "event":
                continue
            if not hook.metadata:
                yield Problem(
                    f"hook {hook.name} has no metadata: the load tester answers 400, and the hook fails every time",
                    at=(*hook.at, "url"),
                )
            elif hook.task not in _TASKS:
                yield Problem(
                    f"the load tester has no task type {hook.task}: hook {hook.name} fails every time; use one of "
                    f"{', '.join(_TASKS)}",
                    at=(*hook.at, "metadata", "type"),
                )
