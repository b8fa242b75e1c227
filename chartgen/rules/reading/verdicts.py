"""The API server's verdict on a Canary; each refusal and each dropped field belongs to the rule that claims it."""

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

SERVED = "flagger.app/v1beta1"


def verdict(manifest: Manifest, cluster: Cluster) -> Verdict:
    """The verdict of the cluster's Flagger CRD on the object."""
    return _admit(_ByIdentity(manifest), cluster.flagger or NEWEST)


def is_served(manifest: Manifest, cluster: Cluster) -> bool:
    """Whether the cluster's Flagger serves the object's apiVersion."""
    return all(refusal.at != ("apiVersion",) for refusal in verdict(manifest, cluster).refusals)


class _ByIdentity:
    """A manifest as a cache key: equal only to itself, and kept alive by the key."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.manifest is self.manifest

    def __hash__(self) -> int:
        return id(self.manifest)


# A dozen rules need the verdict on each object.
@lru_cache(maxsize=64)
def _admit(key: _ByIdentity, flagger: str) -> Verdict:
    return admit(key.manifest.body, flagger)


def refusals(manifest: Manifest, cluster: Cluster, rule: str) -> Iterator[Refusal]:
    """The refusals that `rule` reports."""
    claims = [(rule_type.id, rule_type.refused) for rule_type in _claimants()]
    found = verdict(manifest, cluster).refusals
    return (refusal for refusal in found if _owner(claims, manifest, refusal.at, refusal.message) == rule)


def pruned(manifest: Manifest, cluster: Cluster, rule: str) -> Iterator[Route]:
    """The dropped fields that `rule` reports."""
    claims = [(rule_type.id, rule_type.dropped) for rule_type in _claimants()]
    return (route for route in verdict(manifest, cluster).pruned if _owner(claims, manifest, route, "") == rule)


@cache
def _claimants() -> tuple[type[Rule], ...]:
    return tuple(entry.load() for entry in REGISTRY if entry.claims)


def _owner(claims: Iterable[tuple[str, Claim | None]], manifest: Manifest, at: Route, message: str) -> str:
    """The rule that reports it: the one with the lowest rank of those that claim it."""
    found = [(claim.rank, rule) for rule, claim in claims if claim and claim.owns(manifest, at, message)]
    return min(found)[1]
