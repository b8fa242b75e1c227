"""The proof before writing: the chart as it is and as it would be, rendered by Helm for many releases and compared.

Outside the gate or switched off, both must print the same bytes. Inside, the only differences are one Canary more and
the Service that Flagger takes over less, and the Canary must say of the chart what the chart renders.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from chartgen.errors import ProofError, RenderError
from chartgen.manifests.tracing.template_text import helm_template_text
from chartgen.proof.canary_claims import canary_faults
from chartgen.proof.mask import difference, masked, volatile_lines
from chartgen.proof.variations import Variation, overlay_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.proof.promise import Promise
    from chartgen.proof.renderer import Renderer

_OUTSIDE = "outside-the-gate"


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison: a variation, in a namespace inside or outside the gate, with the switch on or off."""

    variation: Variation
    namespace: str
    inside: bool
    on: bool

    @property
    def told(self) -> str:
        return f"{self.variation.label}, namespace {self.namespace}, canary {'on' if self.on else 'off'}"


def prove(renderer: Renderer, original: Chart, changed: Chart, promise: Promise) -> int:
    """Check every case; returns how many were compared. Raises ProofError with the two renderings' difference."""
    compared = 0
    for case in _cases(promise):
        request = replace(case.variation.request, namespace=case.namespace)
        before = renderer.attempt(original, request)
        if before is None:
            # The chart does not render there by itself: nothing was promised.
            continue
        after = _changed(renderer, changed, request.over(overlay_of(promise.toggle, case.on)), case)
        if case.inside and case.on:
            _check_inside(renderer, original, before, after, promise, case)
        else:
            _check_same(renderer, original, before, after, case)
        compared += 1
    if not compared:
        raise ProofError("the chart renders in none of the releases looked at", hint="give values with -f or --set")
    return compared


def _cases(promise: Promise) -> Iterator[Case]:
    inside = promise.namespaces or ("default",)
    for number, variation in enumerate(promise.variations):
        namespaces = inside if number == 0 else inside[:1]
        for namespace in namespaces:
            yield Case(variation, namespace, inside=True, on=True)
            yield Case(variation, namespace, inside=True, on=False)
        if promise.namespaces:
            yield Case(variation, _OUTSIDE, inside=False, on=True)
            if number == 0:
                yield Case(variation, _OUTSIDE, inside=False, on=False)


def _changed(renderer: Renderer, changed: Chart, request: RenderRequest, case: Case) -> Rendering:
    try:
        return renderer.render(changed, request)
    except RenderError as error:
        raise ProofError(
            f"the changed chart does not render ({case.told}): {error.message}",
            hint="nothing was written",
        ) from error


def _check_same(renderer: Renderer, original: Chart, before: Rendering, after: Rendering, case: Case) -> None:
    told = f"nothing may change ({case.told})"
    for printed in (helm_template_text, _with_blanks):
        _compare(renderer, original, before, after, printed, printed, told)


def _with_blanks(rendering: Rendering) -> str:
    """All texts with the blanks after each document, which Helm prints from 4.3 on."""
    return "\n".join(f"# {path}\n{text.lstrip()}" for path, text in sorted(rendering.texts.items()) if text.strip())


def _check_inside(
    renderer: Renderer, original: Chart, before: Rendering, after: Rendering, promise: Promise, case: Case
) -> None:
    around = promise.surroundings(before)
    canaries = [manifest for manifest in after.of_kind("Canary") if manifest.api_version == promise.api_version]
    if around is None or (promise.needs_service and around.service is None):
        _check_same(renderer, original, before, after, case)
        return
    if len(canaries) != 1:
        raise ProofError(f"{len(canaries)} Canaries are rendered ({case.told}), one was promised")
    dropped = [around.service] if promise.drops_service and around.service else []
    told = f"only a Canary may come and the Service go ({case.told})"
    _compare(
        renderer, original, before, after, partial(_texts, left_out=dropped), partial(_texts, left_out=canaries), told
    )
    faults = list(canary_faults(canaries[0], around, promise, case.namespace))
    if faults:
        raise ProofError("\n".join(f"{fault} ({case.told})" for fault in faults), hint="nothing was written")


def _texts(rendering: Rendering, left_out: list[Manifest]) -> str:
    """All documents but those left out, as one text."""
    places = {(manifest.template, manifest.document) for manifest in left_out}
    return "\n".join(
        f"---\n# {manifest.template}\n{manifest.text.strip()}"
        for manifest in sorted(rendering.manifests, key=lambda one: (one.template, one.line))
        if (manifest.template, manifest.document) not in places
    )


def _compare(
    renderer: Renderer,
    original: Chart,
    before: Rendering,
    after: Rendering,
    printed: Callable[[Rendering], str],
    printed_after: Callable[[Rendering], str],
    told: str,
) -> None:
    """Compare; where they differ, again without what differs between two renderings of the original."""
    ours, theirs = printed(before), printed_after(after)
    if ours == theirs:
        return
    volatile = volatile_lines(ours, printed(renderer.again(original, before.request)))
    one, other = masked(ours, volatile), masked(theirs, volatile)
    if one != other:
        raise ProofError(f"{told}\n{difference(one, other)}", hint="nothing was written")
