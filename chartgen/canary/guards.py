"""Lines put around the chart's own Service and `replicas`, and their exact removal.

Both edits are whole lines before and after what stands there, so that taking them out gives back the chart's own
bytes. Why they are needed and what they do is told in the helper file beside them (`_canary.tpl.j2`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.charts.gotemplate import line_start, parse

if TYPE_CHECKING:
    from chartgen.charts.gotemplate import GoTemplate

_WHY = "{{- /* Flagger serves this while the canary is on: see _canary.tpl. */}}"
_CALL = re.compile(r"(?:include|template)\s")
_SEPARATOR = re.compile(r"^---[^\n]*\n?", re.MULTILINE)


def newline_of(text: str) -> str:
    """The line end most of the text uses."""
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"


def service_region(text: str, offset: int) -> tuple[int, int] | None:
    """The text around the document at `offset` that can become a named template of its own, as offsets.

    The document between its `---` lines, widened to the whole of every block around it or cut by it: Go templates
    allow `define` at the top level only. None where that takes in a `define` itself.
    """
    template = parse(text)
    if any(condition.kind in {"define", "block"} for condition in template.conditions_at(offset)):
        return None
    start, end = _between_definitions(template, offset, _document(text, offset))
    for _ in template.blocks:
        cut = [
            block
            for block in template.blocks
            if block.opener.start < end
            and block.end.end > start
            and not (start <= block.opener.start and block.end.end <= end)
        ]
        if not cut:
            break
        start = min(start, *(line_start(text, block.opener.start) for block in cut))
        end = max(end, *(_line_end(text, block.end.end) for block in cut))
    holds_definition = any(start <= block.opener.start < end for _, block in template.definitions())
    return None if holds_definition or not template.is_balanced(start, end) else (start, end)


def calls(text: str) -> list[int]:
    """The offsets of `include` and `template` outside named templates, the last first."""
    template = parse(text)
    return [
        action.start
        for action in reversed(template.actions)
        if _CALL.match(action.body)
        and not any(condition.kind == "define" for condition in template.conditions_at(action.start))
    ]


def _between_definitions(template: GoTemplate, offset: int, region: tuple[int, int]) -> tuple[int, int]:
    start, end = region
    for _, block in template.definitions():
        if block.end.end <= offset:
            start = max(start, _line_end(template.text, block.end.end))
        elif block.opener.start > offset:
            end = min(end, line_start(template.text, block.opener.start))
    return start, end


def _document(text: str, offset: int) -> tuple[int, int]:
    start, end = 1 if text.startswith("\ufeff") else 0, len(text)
    for match in _SEPARATOR.finditer(text):
        if match.end() <= offset:
            # With its own `---`: two of them side by side would end up inside the next document.
            start = match.start()
        elif match.start() > offset:
            end = match.start()
            break
    return start, end


def _line_end(text: str, offset: int) -> int:
    found = text.find("\n", offset)
    return len(text) if found < 0 else found + 1


def wrap_service(text: str, region: tuple[int, int], chart_name: str, assignments: tuple[str, ...]) -> str:
    """`text` with the lines of `region` moved into a named template that the helper file prints."""
    start, end = region
    newline = newline_of(text)
    opening, closing = _service_lines(chart_name, assignments)
    body = text[start:end]
    glue = "" if body.endswith("\n") else newline
    tail = newline if glue == "" else ""
    return (
        text[:start]
        + "".join(line + newline for line in opening)
        + body
        + glue
        + newline.join(closing)
        + tail
        + text[end:]
    )


def _service_lines(chart_name: str, assignments: tuple[str, ...]) -> tuple[list[str], list[str]]:
    opening = [
        f'{{{{- define "{chart_name}.canary.chart-service" }}}}{_WHY}',
        *(f"{{{{- {assignment} }}}}{{{{- /* canary */}}}}" for assignment in assignments),
    ]
    closing = [
        f"{{{{- end }}}}{{{{- /* {chart_name}.canary.chart-service */}}}}",
        f'{{{{- include "{chart_name}.canary.service" (list $ "{chart_name}.canary.chart-service") }}}}',
    ]
    return opening, closing


def wrap_replicas(text: str, offset: int, chart_name: str) -> str:
    """`text` with the `replicas:` line at `offset` printed as it is live while Flagger manages the workload."""
    start = line_start(text, offset)
    end = _line_end(text, offset)
    line = text[start:end]
    newline = newline_of(text)
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    before = [f'{{{{- with include "{chart_name}.canary.replicas" $ }}}}', "replicas: {{ . }}", "{{- else }}"]
    glue = "" if line.endswith("\n") else newline
    return (
        text[:start]
        + "".join(indent + added + newline for added in before)
        + line
        + glue
        + indent
        + "{{- end }}"
        + ("" if glue else newline)
        + text[end:]
    )


def strip(text: str, chart_name: str) -> str:
    """`text` without the lines that wrap_service and wrap_replicas added: the chart's own bytes."""
    return _strip_replicas(_strip_service(text, chart_name), chart_name)


def _strip_service(text: str, chart_name: str) -> str:
    opening, closing = _service_lines(chart_name, ())
    pattern = re.compile(
        re.escape(opening[0]) + r"\r?\n(?:\{\{- [^\n]*\}\}\{\{- /\* canary \*/\}\}\r?\n)*(?P<body>.*?)"
        r"(?P<glue>\r?\n)" + re.escape(closing[0]) + r"\r?\n" + re.escape(closing[1]) + r"(?P<tail>\r?\n)?",
        re.DOTALL,
    )
    return pattern.sub(lambda match: match["body"] + (match["glue"] if match["tail"] else ""), text)


def _strip_replicas(text: str, chart_name: str) -> str:
    pattern = re.compile(
        r"^(?P<indent>[ \t]*)\{\{- with include \"" + re.escape(chart_name) + r"\.canary\.replicas\" \$ \}\}\r?\n"
        r"(?P=indent)replicas: \{\{ \. \}\}\r?\n(?P=indent)\{\{- else \}\}\r?\n"
        r"(?P<line>[^\n]*?)(?P<glue>\r?\n)(?P=indent)\{\{- end \}\}(?P<tail>\r?\n)?",
        re.MULTILINE,
    )
    return pattern.sub(lambda match: match["line"] + (match["glue"] if match["tail"] else ""), text)
