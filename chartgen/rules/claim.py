"""Which refusals of the API server, and which fields it drops, a rule reports as its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.manifests.manifest import Manifest, Route

# Where several rules claim one refusal, the lowest rank reports it.
FIRST, OWN, LATER, LAST, OF_TYPES, REST = range(6)


class Claim(NamedTuple):
    """`owns` says of an object, the route of a refusal or of a dropped field, and the refusal's message."""

    owns: Callable[[Manifest, Route, str], bool]
    rank: int = OWN


def below(*route: str | int) -> Claim:
    """A claim on everything at and below a route."""
    return Claim(lambda _manifest, at, _message: at[: len(route)] == route)


def exactly(*route: str | int) -> Claim:
    """A claim on one route."""
    return Claim(lambda _manifest, at, _message: at == route)


def the_rest() -> Claim:
    """A claim on what no other rule reports."""
    return Claim(lambda _manifest, _at, _message: True, REST)


def of_analysis(says: Callable[[Manifest], bool], rank: int = OWN) -> Claim:
    """A claim on a refusal of `spec.analysis` as a whole."""
    return Claim(lambda manifest, at, _message: at == ("spec", "analysis") and says(manifest), rank)
