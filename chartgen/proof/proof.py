"""The proof before a canary is written: Helm renders the original and the changed chart for many releases.

Outside the gate or with the canary off, both must render the same bytes. Otherwise, a Canary is added, the Service
that Flagger takes over is removed, and so are the target's replicas if the chart is rendered without a cluster. Nothing
else differs, and the Canary's fields match the chart's objects.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from chartgen.errors import ProofError, RenderError, listed
from chartgen.helm.request import ELSEWHERE
from chartgen.manifests.tracing.template_text import helm_template_text
from chartgen.patterns import lazy_pattern
from chartgen.proof.canary_mismatches import canary_mismatches, invalid_metadata
from chartgen.proof.variations import Variation, overlay_of
from chartgen.proof.volatile import changed_templates, difference, volatile_lines, without_volatile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.proof.obligations import CanaryObligations
    from chartgen.proof.renderer import Renderer

_HEADER = lazy_pattern(r"\A(?:#[^\n]*\n\s*)*")
_REPLICAS = lazy_pattern(r"^( +)replicas:.*\n?", re.MULTILINE)
_REPORT = "nothing was written. chartgen can't handle this chart yet, so please report it as an issue"
_EXCLUDE = (
    'nothing was written. If the template prints all values, leave out `canary` there (`omit .Values "canary"`).'
    " If it's the template of the Service or the target, try --keep-service or --keep-replicas"
)


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison: a variation in a namespace inside or outside the gate, with the canary on or off."""

    variation: Variation
    namespace: str
    inside: bool
    on: bool

    @property
    def label(self) -> str:
        return f"{self.variation.label}, namespace {self.namespace}, canary {'on' if self.on else 'off'}"


def prove(renderer: Renderer, original: Chart, changed: Chart, obligations: CanaryObligations) -> int:
    """Check every case and return their number. Raises ProofError with the difference between two renderings."""
    compared = 0
    first, *others = obligations.variations
    # Most drafts that fail do so in the first variation; the others are rendered only after it.
    for cases in (list(_cases(obligations, [first])), list(_cases(obligations, others, start=1))):
        _prepare(renderer, original, changed, obligations, cases)
        compared += sum(_holds(renderer, original, changed, obligations, case) for case in cases)
    if not compared:
        raise ProofError(
            "Helm can't render the chart for any release with these values",
            hint="set the values it needs with -f or --set",
        )
    return compared


def _holds(renderer: Renderer, original: Chart, changed: Chart, obligations: CanaryObligations, case: Case) -> bool:
    """Whether a case holds, False if the original chart doesn't render it; raises ProofError."""
    request = _request_of(case)
    before = renderer.attempt(original, request)
    if before is None:
        return False
    after = _render_changed(renderer, changed, request.over(_overlay(obligations, case)), case)
    if case.inside and case.on:
        _check_inside(renderer, original, before, after, obligations, case)
    else:
        _check_same(renderer, original, before, after, case)
    return True


def _prepare(
    renderer: Renderer, original: Chart, changed: Chart, obligations: CanaryObligations, cases: list[Case]
) -> None:
    """Render all cases, so that Helm reads their documents in one call for each chart."""
    requests = [(case, _request_of(case)) for case in cases]
    renderer.prepare(original, [request for _, request in requests])
    rendered = [(case, request) for case, request in requests if renderer.attempt(original, request)]
    renderer.prepare(changed, [request.over(_overlay(obligations, case)) for case, request in rendered])


def _request_of(case: Case) -> RenderRequest:
    """The release of a case, without the canary's switch."""
    return replace(case.variation.request, namespace=case.namespace)


def _overlay(obligations: CanaryObligations, case: Case) -> dict[str, Any]:
    """The values that switch the canary: none if those of the chart do, as in a release and in lint's renderings."""
    by_default = obligations.on_by_default and case.variation is obligations.variations[0]
    return {} if case.on and by_default else overlay_of(obligations.toggle, case.on)


def prove_off(
    renderer: Renderer, original: Chart, changed: Chart, request: RenderRequest, off: Mapping[str, Any]
) -> None:
    """Raise ProofError unless both charts render the same with `off`, the values that switch off all canaries."""
    case = Case(Variation("all canaries", request), request.namespace, inside=True, on=False)
    before = renderer.attempt(original, request)
    if before is not None:
        _check_same(renderer, original, before, _render_changed(renderer, changed, request.over(off), case), case)


def _cases(obligations: CanaryObligations, variations: Sequence[Variation], *, start: int = 0) -> Iterator[Case]:
    inside = obligations.namespaces or ("default",)
    for number, variation in enumerate(variations, start):
        namespaces = inside if number == 0 else inside[:1]
        for namespace in namespaces:
            yield Case(variation, namespace, inside=True, on=True)
            yield Case(variation, namespace, inside=True, on=False)
        if obligations.namespaces and number == 0:
            # Neither the switch nor the namespaces vary, so a closed gate is the same as a canary that is off.
            yield Case(variation, ELSEWHERE, inside=False, on=True)


def _render_changed(renderer: Renderer, changed: Chart, request: RenderRequest, case: Case) -> Rendering:
    try:
        return renderer.render(changed, request)
    except RenderError as error:
        raise ProofError(
            f"Helm can't render the chart with the canary ({case.label}): {error.message}", hint=_REPORT
        ) from error


def _check_same(renderer: Renderer, original: Chart, before: Rendering, after: Rendering, case: Case) -> None:
    for printed in (helm_template_text, text_with_blanks):
        _compare(renderer, original, before, after, printed, printed, case)


def text_with_blanks(rendering: Rendering) -> str:
    """All texts with the blanks after each document, which Helm 4.3 and later print."""
    return "\n".join(f"# {path}\n{text.lstrip()}" for path, text in sorted(rendering.texts.items()) if text.strip())


def _check_inside(
    renderer: Renderer, original: Chart, before: Rendering, after: Rendering, obligations: CanaryObligations, case: Case
) -> None:
    surroundings = obligations.surroundings(before)
    # The chart may render Canaries of other targets.
    others = {(manifest.namespace, manifest.name) for manifest in before.of_kind("Canary")}
    canaries = [
        manifest
        for manifest in after.of_kind("Canary")
        if manifest.api_version == obligations.api_version and (manifest.namespace, manifest.name) not in others
    ]
    if surroundings is None or (obligations.needs_service and surroundings.service is None):
        _check_same(renderer, original, before, after, case)
        return
    if len(canaries) != 1:
        raise ProofError(f"the chart would render {len(canaries)} Canaries instead of 1 ({case.label})", hint=_REPORT)
    if surroundings.service and (invalid := invalid_metadata(surroundings.service)):
        raise ProofError(
            listed(invalid, "fields of the Service are invalid"),
            hint=f"nothing was written. Quote the values in {surroundings.service.template}",
        )
    dropped = [surroundings.service] if obligations.drops_service and surroundings.service else []
    added = [*canaries, *_companions(after, canaries[0], obligations)]
    target = surroundings.target if obligations.drops_replicas else None
    printed = partial(_texts, left_out=dropped, without_replicas=target)
    _compare(renderer, original, before, after, printed, partial(_texts, left_out=added), case)
    mismatches = list(canary_mismatches(canaries[0], surroundings, obligations, after))
    if mismatches:
        problems = [f"{mismatch} ({case.label})" for mismatch in mismatches]
        raise ProofError(listed(problems, "fields of the Canary don't match the chart"), hint=_REPORT)


def _companions(after: Rendering, canary: Manifest, obligations: CanaryObligations) -> Iterator[Manifest]:
    """The objects that the Canary's own template renders beside it."""
    for manifest in after.of_kind(*obligations.companions) if obligations.companions else ():
        if manifest.template == canary.template:
            yield manifest


def _texts(rendering: Rendering, left_out: list[Manifest], without_replicas: Manifest | None = None) -> str:
    """All documents except those left out, as one text, without the comments above each (a licence).

    `without_replicas` is a workload of which the line of its `spec.replicas` is left out.
    """
    excluded = {(manifest.template, manifest.document) for manifest in left_out}
    return "\n".join(
        f"---\n# {manifest.template}\n{_HEADER.sub('', _text(manifest, without_replicas))}"
        for manifest in sorted(rendering.manifests, key=lambda manifest: (manifest.template, manifest.line))
        if (manifest.template, manifest.document) not in excluded
    )


def _text(manifest: Manifest, without_replicas: Manifest | None) -> str:
    text = manifest.text.strip()
    workload = without_replicas
    if workload is None or (manifest.template, manifest.document) != (workload.template, workload.document):
        return text
    # Of a workload, `spec.replicas` is the least indented; pods and their containers have no such field.
    lines = list(_REPLICAS.finditer(text)) if manifest.get(("spec", "replicas")) is not None else []
    line = min(lines, key=lambda match: len(match[1]), default=None)
    return (text[: line.start()] + text[line.end() :]).strip() if line else text


def _compare(
    renderer: Renderer,
    original: Chart,
    before: Rendering,
    after: Rendering,
    printed: Callable[[Rendering], str],
    printed_after: Callable[[Rendering], str],
    case: Case,
) -> None:
    """Raise ProofError where the texts differ, except in lines that differ between two renderings of the original."""
    text, changed_text = printed(before), printed_after(after)
    if text == changed_text:
        return
    volatile = volatile_lines(text, printed(renderer.render_again(original, before.request)))
    text, changed_text = without_volatile(text, volatile), without_volatile(changed_text, volatile)
    if text != changed_text:
        templates = ", ".join(changed_templates(text, changed_text)) or "the rendered manifests"
        raise ProofError(
            f"can't add the canary without changing something else: {templates} would change ({case.label})\n"
            f"{difference(text, changed_text)}",
            hint=_EXCLUDE,
        )
