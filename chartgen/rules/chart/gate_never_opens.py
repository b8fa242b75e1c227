"""A chart whose templates contain a Canary that no checked release renders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.manifests.switches.gates import closed_gate
from chartgen.rules.rule import ChartRule, FileLocation, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.rules.releases import Releases


class GateNeverOpens(ChartRule):
    id = "gate-never-opens"
    severity = Severity.WARNING
    summary = "Canary that no release renders"
    tags = ("gating",)

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        sites = releases.switch.sites
        if not sites or any(releases.with_canary) or releases.switch.broken or not releases.renderings:
            return
        if any(failure.switched for failure in releases.failures):
            return  # the condition is true, and what is inside fails to render
        rendering = releases.renderings[0]
        gate = closed_gate(releases.engine, releases.chart, rendering.request)
        reason = f": {{{{ {gate.condition.opener.body} }}}} is false" if gate else ""
        location = FileLocation(gate.path, gate.line) if gate else FileLocation(sites[0].path, sites[0].line)
        yield Problem(f"no checked release renders the Canary, whatever its switch says{reason}", source=location)
