"""A Flagger object that the API server rejects for a reason without a rule of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.crd import NEWEST
from chartgen.rules.claim import the_rest
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.homoglyphs import latin
from chartgen.rules.reading.skeletons import is_skeleton
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.fix import Fix


class CanaryRefused(Rule):
    id = "canary-refused"
    severity = Severity.ERROR
    summary = "Canary, MetricTemplate or AlertProvider that the API server rejects"
    kinds = ("Canary", "MetricTemplate", "AlertProvider")
    tags = ("api",)
    refused = the_rest()
    fixes = (Safety.SAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if not manifest.api_version.startswith("flagger.app/"):
            return
        for refusal in refusals(manifest, self.cluster, self.id):
            value = manifest.get(refusal.at)
            if is_skeleton(value):
                continue
            field = ".".join(str(step) for step in refusal.at) or "the object"
            flagger = self.cluster.flagger or NEWEST
            yield Problem(
                f"{field} {refusal.message}: the API server rejects the {manifest.kind} (Flagger {flagger})",
                at=refusal.at,
                fix=_in_latin(refusal.at, value),
                blank=value is None or value == "",
            )


def _in_latin(at: Route, value: Any) -> Fix | None:
    """Replace letters that only look Latin."""
    name = latin(value) if isinstance(value, str) else None
    return set_value(at, name) if name else None
