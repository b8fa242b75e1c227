"""The proof of a small repair: in every release all objects render as before, but for the change that was promised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.errors import ProofError
from chartgen.manifests.rendering import render
from chartgen.proof.mask import difference, masked, volatile_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from chartgen.helm.engine import Engine
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

    # A document of a rendering: its template and its number there.
    Key = tuple[str, int]


def key_of(manifest: Manifest) -> Key:
    """What a document is called in two renderings of one chart."""
    return manifest.template, manifest.document


def prove_only(
    engine: Engine,
    before: Rendering,
    after: Rendering,
    allowed: Collection[Key],
    promised: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> int:
    """Raise ProofError unless all documents are as they were, or are among `allowed` and changed as `promised`.

    Returns how many were changed. `promised` raises KeyError for an object that has no place for the change.
    """
    ours, theirs = (_by_key(one) for one in (before, after))
    if ours.keys() != theirs.keys():
        raise ProofError(f"other objects would be rendered ({before.label})", hint="nothing was written")
    changed = [key for key in ours if ours[key].text != theirs[key].text]
    if not changed:
        return 0
    kept = [key for key in changed if key not in allowed or not _keeps(promised, ours[key], theirs[key])]
    if kept:
        _require_volatile(engine, before, {key: theirs[key].text for key in kept})
    return len(changed) - len(kept)


def _by_key(rendering: Rendering) -> dict[Key, Manifest]:
    return {key_of(one): one for one in rendering.manifests}


def _keeps(promised: Callable[[Mapping[str, Any]], Mapping[str, Any]], before: Manifest, after: Manifest) -> bool:
    try:
        return bool(after.body == promised(before.body))
    except KeyError:
        return False


def _require_volatile(engine: Engine, before: Rendering, texts: Mapping[Key, str]) -> None:
    """What differs must be what differs between two renderings of the same release too."""
    again = _by_key(render(engine, before.chart, before.request, before.label)) if before.chart.files else {}
    for one in before.manifests:
        key = key_of(one)
        if key not in texts:
            continue
        volatile = volatile_lines(one.text, again[key].text) if key in again else frozenset()
        ours, theirs = masked(one.text, volatile), masked(texts[key], volatile)
        if ours != theirs:
            raise ProofError(
                f"{one.kind} {one.name} would change in other ways too ({before.label})\n{difference(ours, theirs)}",
                hint="nothing was written",
            )
