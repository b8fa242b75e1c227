"""A metricsServer that isn't a URL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class MetricsServerAddress(CanaryRule):
    id = "metrics-server-address"
    severity = Severity.ERROR
    summary = "metricsServer address that isn't a URL"
    tags = ("metrics",)
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        address = canary.field("metricsServer")
        if isinstance(address, str) and address and not re.match(r"https?://[^\s/]+", address):
            yield Problem(
                f"metricsServer {address!r} isn't a URL: every builtin check fails; write http://{address}",
                at=("spec", "metricsServer"),
                fix=set_value(("spec", "metricsServer"), f"http://{address}", Safety.UNSAFE),
            )
