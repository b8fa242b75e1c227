"""The rendering of the next upgrade, to see what a chart makes anew each time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.charts.gotemplate.blocks import parse, without_strings
from chartgen.errors import RenderError
from chartgen.helm.randomness import is_random
from chartgen.manifests.rendering import render
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.rendering import Rendering

# The function `now` but not fields or variables of that name, and the revision, which `helm template` leaves at 1.
_CHANGES_WITH_UPGRADE = lazy_pattern(r"(?<![\w.$-])now(?![\w-])|(?<![\w.$])\$?\.Release\.Revision(?!\w)")
# What shows whether a release is installed or upgraded: the fields, `.Release` as a whole, and the root as a whole,
# which is then the first argument of a function.
_SHOWS_UPGRADE = lazy_pattern(
    r"\bIs(?:Upgrade|Install)\b|\.Release(?!\.?\w)|[\"'`]Release[\"'`]|(?<![.$\w])[a-z]\w*\s+\$(?![\w.])"
)
_TAKES_DOT = lazy_pattern(r"(?<![.$\w])[a-z]\w*\s+\.(?!\w)")


def rendered_later(engine: Engine, rendering: Rendering, request: RenderRequest) -> Rendering | None:
    """`request` rendered at another time (within one second the clock shows nothing); None if Helm can't render it.

    `request` may differ from that of the rendering in `is_upgrade` only. Where nothing shows that or the time, Helm
    isn't asked again.
    """
    later = _at_next_upgrade(rendering.chart)
    if later is rendering.chart and not is_random(later) and not _shows_upgrade(later):
        return rendering
    for chart in (later, rendering.chart) if later is not rendering.chart else (later,):
        try:
            return render(engine, chart, request, rendering.label)
        except RenderError:
            continue
    return None


def _shows_upgrade(chart: Chart) -> bool:
    """Whether a template, or a value that may be one, can see whether the release is upgraded."""
    return any(_text_shows_upgrade(chart.text(path)) for path, data in chart.files.items() if b"{{" in data)


def _text_shows_upgrade(text: str) -> bool:
    if _SHOWS_UPGRADE.search(text):
        return True
    template = parse(text) if _TAKES_DOT.search(text) else None
    return template is not None and any(
        _TAKES_DOT.search(action.body)
        and not any(around.kind in {"with", "range", "define"} for around in template.conditions_at(action.start))
        for action in template.actions
    )


def _at_next_upgrade(chart: Chart) -> Chart:
    """The chart with another time in place of each `now` in its templates, and the next revision."""
    files = {path: chart.text(path) for path in chart.files if "templates/" in path}
    later = {path: _text_at_next_upgrade(text) for path, text in files.items()}
    changed = {path: text.encode("utf-8", "surrogateescape") for path, text in later.items() if text != files[path]}
    return replace(chart, files={**chart.files, **changed}) if changed else chart


def _text_at_next_upgrade(text: str) -> str:
    pieces, last = [], 0
    for action in parse(text).actions:
        body = without_strings(text[action.start : action.end])
        for match in _CHANGES_WITH_UPGRADE.finditer(body) if not action.is_comment else ():
            pieces += [text[last : action.start + match.start()], _value_at_next_upgrade(match.group())]
            last = action.start + match.end()
    return "".join(pieces) + text[last:]


def _value_at_next_upgrade(expression: str) -> str:
    return '(toDate "2006-01-02" "2001-02-03")' if expression == "now" else f"(add1 {expression})"
