"""The Flagger releases whose CRDs are known, and which of them represents a release in between."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.patterns import lazy_pattern
from chartgen.resources import schema

if TYPE_CHECKING:
    from collections.abc import Mapping

NEWEST = "1.44.0"

# Kinds of the CRD file, all in this API group.
GROUP = "flagger.app"

_RELEASE = lazy_pattern(r"v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?:-(alpha|beta|rc)\.(\d{1,9}))?")
_FINAL = ("~", 0)


@cache
def facts() -> dict[str, Any]:
    """`schemas/flagger-fields.json`; `tools/flagger_release.py` describes its shape. Callers must not change it."""
    document: dict[str, Any] = schema("flagger-fields.json")
    return document


def known_versions() -> tuple[str, ...]:
    """The releases whose CRDs are known, oldest first, as Flagger's image tags write them (`1.44.0`)."""
    return tuple(facts()["releases"])


@cache
def nearest(flagger: str) -> str:
    """The newest known release at or below `flagger` (`1.44.0` or `v1.44.0`, also `1.44`).

    An unknown release is newer than all known ones, or its CRDs don't differ from those of the release before it.
    Raises UsageError if `flagger` is not a release, is older than all known ones, or has a newer major version.
    """
    wanted = version_key(flagger)
    if wanted[0] > version_key(NEWEST)[0]:
        raise UsageError(f"Flagger {flagger} isn't known: the newest known release is {NEWEST}", hint=_HINT)
    below = [release for release in known_versions() if version_key(release) <= wanted]
    if not below:
        first = known_versions()[0]
        raise UsageError(f"Flagger {flagger} is older than {first}, the first release", hint=_HINT)
    return below[-1]


def newer_note(flagger: str) -> str | None:
    """A remark if `flagger` is newer than all known releases, so that the newest known one is used.

    None for a newer major version, which `nearest` rejects.
    """
    wanted, newest = version_key(flagger), version_key(NEWEST)
    if wanted <= newest or wanted[0] > newest[0]:
        return None
    return f"Flagger {flagger.strip().removeprefix('v')} isn't known: chartgen uses {NEWEST}"


@cache
def position(release: str) -> int:
    """The place of a known release in `known_versions()`."""
    return known_versions().index(release)


def holds(span: Mapping[str, Any], release: str) -> bool:
    """Whether a span of the data (`since`, and `until` if it has ended) includes a known release."""
    ended = "until" in span and position(span["until"]) < position(release)
    return position(span["since"]) <= position(release) and not ended


def prunes(release: str) -> bool:
    """Whether the release's CRD prunes unknown fields: apiextensions v1 does, v1beta1 (Flagger up to 1.5) did not."""
    return position(release) >= position(facts()["pruning"])


def served_versions(flagger: str = NEWEST) -> dict[str, tuple[str, ...]]:
    """Kind -> the `apiVersion`s that this release's CRDs serve; a kind without one doesn't exist yet."""
    release = nearest(flagger)
    served = {
        kind: tuple(f"{GROUP}/{span['version']}" for span in entry["served"] if holds(span, release))
        for kind, entry in facts()["kinds"].items()
    }
    return {kind: versions for kind, versions in served.items() if versions}


_HINT = f"name a release such as {NEWEST}"


def version_key(flagger: str) -> tuple[int, int, int, tuple[str, int]]:
    """A key that sorts releases as semantic versions: a pre-release sorts before its release."""
    match = _RELEASE.fullmatch(flagger.strip())
    if match is None:
        raise UsageError(f"{flagger!r} is not a Flagger release", hint=_HINT)
    major, minor, patch, stage, number = match.groups()
    return int(major), int(minor), int(patch or 0), (stage, int(number)) if stage else _FINAL
