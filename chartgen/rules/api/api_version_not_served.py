"""An API version that the cluster's Flagger doesn't serve: the whole Helm release fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.crd import NEWEST, admit
from chartgen.rules.claim import exactly
from chartgen.rules.fix import Fix, RenameKey, Safety, SetValue
from chartgen.rules.reading.verdicts import SERVED, refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.cluster import Cluster
    from chartgen.rules.fix import Change


class ApiVersionNotServed(Rule):
    id = "api-version-not-served"
    severity = Severity.ERROR
    summary = "apiVersion that the cluster's Flagger doesn't serve"
    kinds = ("Canary", "MetricTemplate", "AlertProvider")
    tags = ("api",)
    refused = exactly("apiVersion")
    fixes = (Safety.SAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if not manifest.api_version.startswith("flagger.app/"):
            return
        for refusal in refusals(manifest, self.cluster, self.id):
            message = f"{refusal.message}; the whole release fails"
            yield Problem(message, at=refusal.at, fix=_use_current(manifest, self.cluster))


def _use_current(manifest: Manifest, cluster: Cluster) -> Fix | None:
    """Use the current version, if the cluster serves it; it has another name for a Canary's analysis."""
    if manifest.api_version == SERVED:
        return None
    changes: tuple[Change, ...] = (SetValue(("apiVersion",), SERVED),)
    spec = manifest.get(("spec",))
    if isinstance(spec, dict) and "canaryAnalysis" in spec and "analysis" not in spec:
        changes = (*changes, RenameKey(("spec", "canaryAnalysis"), "analysis"))
    fix = Fix(f"write {SERVED}", changes)
    verdict = admit(fix.applied(manifest.body), cluster.flagger or NEWEST)
    return fix if all(refusal.at != ("apiVersion",) for refusal in verdict.refusals) else None
