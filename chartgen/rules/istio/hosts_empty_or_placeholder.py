"""A host that is empty, incomplete or a placeholder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.skeletons import filled_in
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_PLACEHOLDER = lazy_pattern(
    r"^$|<.*>|(?:^|\.)(?:acme\.com|todo)$|(?<![a-z])(?:change.?me|replace.?me|your-?(?:domain|host))(?![a-z])",
    re.IGNORECASE,
)
_INCOMPLETE = lazy_pattern(r"^[.-]|[.-]$|\.\.")
_RESERVED = lazy_pattern(r"(^|\.)example(\.(com|org|net))?$", re.IGNORECASE)


class HostsEmptyOrPlaceholder(CanaryRule):
    id = "hosts-empty-or-placeholder"
    severity = Severity.ERROR
    summary = "empty host or placeholder in service.hosts"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for index, host in enumerate(canary.hosts):
            at = ("spec", "service", "hosts", index)
            name = filled_in(str(host))
            if _INCOMPLETE.search(name):
                message = f"host {str(host)!r} is incomplete: a value that is part of it is empty"
                yield Problem(message, at=at, severity=Severity.WARNING, blank=True)
            elif _PLACEHOLDER.search(name):
                fault = f"host {str(host)!r} is a placeholder" if name else "host is empty"
                message = f"{fault}: users of the real host get no route"
                yield Problem(message, at=at, blank=not name, stand_in=bool(name))
            elif _RESERVED.search(name):
                message = f"host {host} is in a domain reserved for examples; set the real host"
                yield Problem(message, at=at, severity=Severity.INFO)
