"""The proof before a canary is removed: the chart without it renders the same bytes as with the canary switched off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.errors import ProofError, RenderError
from chartgen.manifests.tracing.template_text import helm_template_text
from chartgen.proof.proof import text_with_blanks
from chartgen.proof.volatile import changed_templates, difference, volatile_lines, without_volatile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.rendering import Rendering
    from chartgen.proof.renderer import Renderer

_HINT = "nothing was written; remove what depends on the canary by hand, and run again"


@dataclass(frozen=True, slots=True)
class RemovalCase:
    """One release to compare: `label` describes it, `off` is the same release with every canary switched off."""

    label: str
    request: RenderRequest
    off: RenderRequest


def prove_removal(renderer: Renderer, current: Chart, without: Chart, cases: Iterable[RemovalCase]) -> int:
    """Check every case and return the number of compared ones. Raises ProofError with the difference between two.

    A release that the chart with the canary doesn't render isn't compared: parts of the canary may have been removed
    by hand.
    """
    compared = 0
    renders = False
    for case in cases:
        before = renderer.attempt(current, case.off)
        if before is None:
            renders = renders or renderer.attempt(without, case.request) is not None
            continue
        try:
            after = renderer.render(without, case.request)
        except RenderError as error:
            raise ProofError(
                f"without the canary, Helm can't render the chart ({case.label}): {error.message}", hint=_HINT
            ) from error
        _require_same(renderer, before, after, case)
        compared += 1
    if not compared and not renders:
        raise ProofError(
            "Helm can't render the chart for any release with these values",
            hint="set the values it needs with -f or --set",
        )
    return compared


def _require_same(renderer: Renderer, before: Rendering, after: Rendering, case: RemovalCase) -> None:
    for printed in (helm_template_text, text_with_blanks):
        text, changed_text = printed(before), printed(after)
        if text == changed_text:
            continue
        volatile = volatile_lines(text, printed(renderer.render_again(before.chart, before.request)))
        text, changed_text = without_volatile(text, volatile), without_volatile(changed_text, volatile)
        if text != changed_text:
            templates = ", ".join(changed_templates(text, changed_text)) or "the rendered manifests"
            raise ProofError(
                f"can't remove the canary without changing something else: {templates} would change ({case.label})\n"
                f"{difference(text, changed_text)}",
                hint=_HINT,
            )
