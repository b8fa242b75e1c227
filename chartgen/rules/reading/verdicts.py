"""The API server's verdict on a Canary, each refusal and each dropped field given to the rule that tells it best."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chartgen.flagger.crd import NEWEST, admit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.flagger.crd import Refusal, Verdict
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.rules.cluster import Cluster

_STRATEGIES = ("iterations", "stepWeight", "stepWeights")
_NOT_OF_TYPE = re.compile(r" is not an? \w+$")


def verdict(manifest: Manifest, cluster: Cluster) -> Verdict:
    """What the cluster's Flagger CRD says of the object."""
    return _admitted(_Same(manifest), cluster.flagger or NEWEST)


class _Same:
    """A manifest as a key: equal to itself alone, and alive as long as the key is."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.manifest is self.manifest

    def __hash__(self) -> int:
        return id(self.manifest)


# A dozen rules ask about each object.
@lru_cache(maxsize=64)
def _admitted(same: _Same, flagger: str) -> Verdict:
    return admit(same.manifest.body, flagger)


def refusals(manifest: Manifest, cluster: Cluster, rule: str) -> Iterator[Refusal]:
    """The refusals that `rule` tells."""
    return (one for one in verdict(manifest, cluster).refusals if _refusal_rule(manifest, one) == rule)


def pruned(manifest: Manifest, cluster: Cluster, rule: str) -> Iterator[Route]:
    """The dropped fields that `rule` tells."""
    return (route for route in verdict(manifest, cluster).pruned if _pruned_rule(manifest, route) == rule)


def _refusal_rule(manifest: Manifest, refusal: Refusal) -> str:  # noqa: PLR0911 - one line per rule
    at = refusal.at
    if at == ("apiVersion",):
        return "api-version-not-served"
    if _is_renamed(manifest) and at[:2] in {("spec",), ("spec", "analysis")}:
        return "canary-analysis-field-renamed"
    if at == ("spec", "targetRef", "kind") and manifest.get(at):
        return "target-kind-unsupported"
    if at == ("spec", "provider"):
        return "provider-not-recognised"
    if _is_hook_type(at):
        return "webhook-type-invalid"
    if at == ("spec", "analysis"):
        return _analysis_rule(manifest)
    if at and at[-1] in {"interval", "timeout"} and isinstance(manifest.get(at), str):
        return "interval-not-parsable"
    return "values-type-mismatch" if _is_wrong_type(manifest.get(at), refusal.message) else "canary-refused"


def _pruned_rule(manifest: Manifest, route: Route) -> str:
    if route == ("spec", "canaryAnalysis"):
        return "canary-analysis-field-renamed" if _is_renamed(manifest) else "unknown-field-pruned"
    if route[:3] == ("spec", "service", "trafficPolicy"):
        return "traffic-policy-field-pruned"
    if route[:3] == ("spec", "analysis", "match"):
        return "ab-match-unsupported-key"
    return "unknown-field-pruned"


def _is_renamed(manifest: Manifest) -> bool:
    """`canaryAnalysis` where Flagger 1 wants `analysis`."""
    return "canaryAnalysis" in _table(manifest.get(("spec",))) and "analysis" not in _table(manifest.get(("spec",)))


def _analysis_rule(manifest: Manifest) -> str:
    """Which part of the analysis' `oneOf` is hurt."""
    if manifest.get(("spec", "analysis")) is None and manifest.get(("spec", "skipAnalysis")) is True:
        return "skip-analysis-needs-analysis-block"
    analysis = _table(manifest.get(("spec", "analysis")))
    given = [name for name in _STRATEGIES if analysis.get(name) is not None]
    if len(given) > 1:
        return "strategy-ambiguous"
    if any(analysis.get(name) is None for name in ("interval", "threshold")):
        return "interval-or-threshold-missing"
    return "step-missing-or-zero" if not given else "canary-refused"


def _is_hook_type(at: Route) -> bool:
    return at[:3] == ("spec", "analysis", "webhooks") and at[-1] == "type"


def _is_wrong_type(value: Any, message: str) -> bool:
    return value is not None and bool(_NOT_OF_TYPE.search(message))


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
