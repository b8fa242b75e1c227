"""A host that was never filled in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_PLACEHOLDER = re.compile(r"^$|acme\.com$|change.?me|replace.?me|your-?(domain|host)|<.*>|todo", re.IGNORECASE)
_RESERVED = re.compile(r"(^|\.)example(\.(com|org|net))?$", re.IGNORECASE)


class HostsEmptyOrPlaceholder(CanaryRule):
    id = "hosts-empty-or-placeholder"
    severity = Severity.ERROR
    summary = "a host that was never filled in"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for index, host in enumerate(canary.hosts):
            at = ("spec", "service", "hosts", index)
            if _PLACEHOLDER.search(str(host)):
                yield Problem(f"host {str(host)!r} is a placeholder: users of the real one get no route", at=at)
            elif _RESERVED.search(str(host)):
                yield Problem(f"host {host} is reserved for examples", at=at, severity=Severity.INFO)
