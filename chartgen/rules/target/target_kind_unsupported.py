"""A target of a kind that Flagger doesn't support."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.claim import Claim
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.fix import Fix

_KINDS = ("Deployment", "DaemonSet", "Service")


class TargetKindUnsupported(Rule):
    id = "target-kind-unsupported"
    severity = Severity.ERROR
    summary = "target that isn't a Deployment, DaemonSet or Service"
    tags = ("references",)
    refused = Claim(lambda manifest, at, _message: at == ("spec", "targetRef", "kind") and bool(manifest.get(at)))
    fixes = (Safety.SAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for refusal in refusals(manifest, self.cluster, self.id):
            yield Problem(
                f"Flagger doesn't support target kind {manifest.get(refusal.at)}: the API server rejects the Canary",
                at=refusal.at,
                fix=_capitalized(manifest, refusal.at),
            )


def _capitalized(manifest: Manifest, at: Route) -> Fix | None:
    supported = next((kind for kind in _KINDS if kind.lower() == str(manifest.get(at)).lower()), None)
    return set_value(at, supported) if supported else None
