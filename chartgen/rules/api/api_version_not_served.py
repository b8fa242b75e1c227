"""An API version the cluster's Flagger does not serve: the whole Helm release fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.crd import NEWEST, admit
from chartgen.rules.fix import Fix, RenameKey, Safety, SetValue
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.cluster import Cluster
    from chartgen.rules.fix import Change

_TODAY = "flagger.app/v1beta1"


class ApiVersionNotServed(Rule):
    id = "api-version-not-served"
    severity = Severity.ERROR
    summary = "apiVersion that the cluster's Flagger doesn't serve"
    kinds = ("Canary", "MetricTemplate", "AlertProvider")
    tags = ("api",)
    fixes = (Safety.SAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if not manifest.api_version.startswith("flagger.app/"):
            return
        for refusal in refusals(manifest, self.cluster, self.id):
            told = f"{refusal.message}; the whole release fails"
            yield Problem(told, at=refusal.at, fix=_renewed(manifest, self.cluster))


def _renewed(manifest: Manifest, cluster: Cluster) -> Fix | None:
    """The version of today, where the cluster serves it; a Canary's analysis has another name there."""
    if manifest.api_version == _TODAY:
        return None
    changes: tuple[Change, ...] = (SetValue(("apiVersion",), _TODAY),)
    spec = manifest.get(("spec",))
    if isinstance(spec, dict) and "canaryAnalysis" in spec and "analysis" not in spec:
        changes = (*changes, RenameKey(("spec", "canaryAnalysis"), "analysis"))
    fix = Fix(f"write {_TODAY}", changes)
    verdict = admit(fix.applied(manifest.body), cluster.flagger or NEWEST)
    return fix if all(one.at != ("apiVersion",) for one in verdict.refusals) else None
