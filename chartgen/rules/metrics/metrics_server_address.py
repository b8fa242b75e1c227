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
            # Another scheme isn't a missing one.
            bare = "://" not in address and re.fullmatch(r"[^\s/:]+(?::\d+)?(?:/\S*)?", address) is not None
            advice = f"write http://{address}" if bare else "write http://HOST:PORT"
            yield Problem(
                f"metricsServer {address!r} isn't an HTTP URL: every builtin check fails; {advice}",
                at=("spec", "metricsServer"),
                fix=set_value(("spec", "metricsServer"), f"http://{address}", Safety.UNSAFE) if bare else None,
            )
