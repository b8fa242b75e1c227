"""The proof of a fix by lint: in every release, all objects render as before, except for the promised change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.errors import ProofError
from chartgen.manifests.rendering import render
from chartgen.proof.volatile import difference, volatile_lines, without_volatile

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from chartgen.helm.engine import Engine
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

    # Identifies a document of a rendering: its template and its index in it.
    DocumentKey = tuple[str, int]
    # The object as it should render after the change.
    ApplyChange = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def key_of(manifest: Manifest) -> DocumentKey:
    """The key that identifies the same document in two renderings of a chart."""
    return manifest.template, manifest.document


def prove_only(
    engine: Engine,
    before: Rendering,
    after: Rendering,
    allowed: Mapping[DocumentKey, Collection[ApplyChange]],
) -> int:
    """Raise ProofError unless each document is unchanged, or changed as by one of the changes `allowed` for it.

    Returns the number of changed documents. A change raises KeyError for an object it can't be applied to.
    """
    documents, changed_documents = _by_key(before), _by_key(after)
    if documents.keys() != changed_documents.keys():
        raise ProofError(f"the fix would render other objects ({before.label})", hint="nothing was written")
    changed = [key for key in documents if documents[key].text != changed_documents[key].text]
    if not changed:
        return 0
    unexpected = [
        key
        for key in changed
        if not any(_is_expected(change, documents[key], changed_documents[key]) for change in allowed.get(key, ()))
    ]
    if unexpected:
        _require_volatile(engine, before, {key: changed_documents[key].text for key in unexpected})
    return len(changed) - len(unexpected)


def _by_key(rendering: Rendering) -> dict[DocumentKey, Manifest]:
    return {key_of(manifest): manifest for manifest in rendering.manifests}


def _is_expected(apply_change: ApplyChange, before: Manifest, after: Manifest) -> bool:
    try:
        return bool(after.body == apply_change(before.body))
    except KeyError:
        return False


def _require_volatile(engine: Engine, before: Rendering, texts: Mapping[DocumentKey, str]) -> None:
    """Raise ProofError unless the differences occur between two renderings of the same release too."""
    again = _by_key(render(engine, before.chart, before.request, before.label)) if before.chart.files else {}
    for manifest in before.manifests:
        key = key_of(manifest)
        if key not in texts:
            continue
        volatile = volatile_lines(manifest.text, again[key].text) if key in again else frozenset()
        text, changed_text = without_volatile(manifest.text, volatile), without_volatile(texts[key], volatile)
        if text != changed_text:
            raise ProofError(
                f"the fix would also change {manifest.kind} {manifest.name} in other ways ({before.label})\n"
                f"{difference(text, changed_text)}",
                hint="nothing was written",
            )
