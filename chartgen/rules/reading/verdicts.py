"""The API server's verdict on a Canary, each refusal and each dropped field given to the rule that claims it."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from chartgen.flagger.crd import NEWEST, admit
from chartgen.rules.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chartgen.flagger.crd import Refusal, Verdict
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.rules.claim import Claim
    from chartgen.rules.cluster import Cluster
    from chartgen.rules.rule import Rule


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
    """The refusals that `rule` reports."""
    claims = [(each.id, each.refused) for each in _claimants()]
    found = verdict(manifest, cluster).refusals
    return (refusal for refusal in found if _owner(claims, manifest, refusal.at, refusal.message) == rule)


def pruned(manifest: Manifest, cluster: Cluster, rule: str) -> Iterator[Route]:
    """The dropped fields that `rule` reports."""
    claims = [(each.id, each.dropped) for each in _claimants()]
    return (route for route in verdict(manifest, cluster).pruned if _owner(claims, manifest, route, "") == rule)


@cache
def _claimants() -> tuple[type[Rule], ...]:
    return tuple(entry.load() for entry in REGISTRY if entry.claims)


def _owner(claims: Iterable[tuple[str, Claim | None]], manifest: Manifest, at: Route, message: str) -> str:
    """The rule that reports it: of those that claim it the one of the lowest rank."""
    found = [(claim.rank, rule) for rule, claim in claims if claim and claim.owns(manifest, at, message)]
    return min(found)[1]
