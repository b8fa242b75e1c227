"""Writes one change of a rendered object: the first edit of a file after which Helm renders it as intended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.errors import ChartgenError, ProofError
from chartgen.proof.single_change import key_of
from chartgen.rules.fix import changed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.lint.fixing.editable_source import EditableSource
    from chartgen.lint.fixing.writing import CandidateEdit, FindTargets
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.proof.single_change import DocumentKey
    from chartgen.rules.fix import Change

    # Yields the edits to try: for a change, the field's current value, and the places in the values and the templates.
    Candidates = Callable[[Change, object, FindTargets, FindTargets], Iterator[CandidateEdit]]


def write_change(
    source: EditableSource, label: str, key: DocumentKey, change: Change, candidates: Candidates
) -> EditableSource:
    """The source with the change made in the document `key` of the release `label`; ProofError if no edit makes it."""
    rendering, manifest = find_object(source, label, key)
    try:
        expected = changed(change, manifest.body)
    except KeyError:
        raise ProofError("the object doesn't have the field's parent", hint="edit it by hand") from None
    why = "nothing in values.yaml or in the templates spells it plainly"
    found = candidates(
        change,
        manifest.get(change.at),
        lambda route: source.in_values(rendering, manifest, route),
        lambda route: source.in_templates(rendering, manifest, route),
    )
    for path, data in found:
        try:
            edited = source.with_files({path: data})
            if find_object(edited, label, key)[1].body == expected:
                return edited
            why = f"editing {path} doesn't change the field as intended"
        except ChartgenError as error:
            why = f"after editing {path} the chart doesn't render: {error.message}"
    raise ProofError(why, hint="edit it by hand")


def find_object(source: EditableSource, label: str, key: DocumentKey) -> tuple[Rendering, Manifest]:
    """The document in the release; ProofError if it is no longer rendered."""
    rendering = next((each for each in source.releases.renderings if each.label == label), None)
    manifests = rendering.manifests if rendering else ()
    manifest = next((each for each in manifests if key_of(each) == key), None)
    if rendering is None or manifest is None:
        raise ProofError("the object is no longer rendered", hint="run again")
    return rendering, manifest
