"""Lines put around the chart's own Service and `replicas`, and their exact removal.

Both edits are whole lines before and after the chart's own, so that removing them restores the chart's bytes. The
comments of `_canary.tpl.j2`, which holds the logic of these lines, explain why they are needed.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from chartgen.charts.gotemplate.blocks import line_start, parse

if TYPE_CHECKING:
    from chartgen.charts.gotemplate.blocks import GoTemplate

_INCLUDE = re.compile(r"(?:include|template)\s")
# Comments at the top of a file, of YAML or of Go, each on lines of its own.
_HEADER = re.compile(
    r"(?:(?:[ \t]*\r?\n)*(?:[ \t]*#(?:(?!\{\{)[^\n])*|\{\{-? ?/\*(?:(?!\*/).)*\*/ ?-?\}\}[ \t]*)\r?\n)*", re.DOTALL
)
_SEPARATOR = re.compile(r"^---[^\n]*\n?", re.MULTILINE)
# The characters that Go's trim markers remove (text/template/parse/lex.go: spaceChars).
_BLANK = " \t\r\n"
_TRIMS_LEFT = re.compile(r"\{\{-\s")
# `{{- "\n" }}{{ ` in place of `{{- `: see _with_blanks.
_KEPT_BLANKS = r"- (?:\"(?:\\[nrt]| )*\" \}\}\{\{ )?"


def newline_of(text: str) -> str:
    """The line ending that most lines of the text use."""
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"


def service_region(text: str, offset: int) -> tuple[int, int] | None:
    """The offsets around the document at `offset` that can become a named template of its own.

    That is the document between its `---` lines, extended to every block it is inside of or cuts: Go templates allow
    `define` only at the top level. None if the region would contain a `define` itself.
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
    contains_definition = any(start <= block.opener.start < end for _, block in template.definitions())
    return None if contains_definition or not template.is_balanced(start, end) else (start, end)


def include_offsets(text: str) -> list[int]:
    """The offsets of `include` and `template` outside named templates, the last one first."""
    template = parse(text)
    return [
        action.start
        for action in reversed(template.actions)
        if _INCLUDE.match(action.body)
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
    # A licence stays the first comment of its file.
    header = _HEADER.match(text, start)
    start = header.end() if header and header.end() <= offset else start
    for match in _SEPARATOR.finditer(text):
        if match.end() <= offset:
            # Including its own `---`: two of them in a row would become part of the next document.
            start = match.start()
        elif match.start() > offset:
            end = match.start()
            break
    return start, end


def _line_end(text: str, offset: int) -> int:
    newline = text.find("\n", offset)
    return len(text) if newline < 0 else newline + 1


def wrap_service(text: str, region: tuple[int, int], prefix: str, assignments: tuple[str, ...]) -> str:
    """`text` with the lines of `region` in a named template, which a template of the helper file prints.

    `prefix` begins the names of both: `shop.canary`.
    """
    before, body, after = text[: region[0]], text[slice(*region)], text[region[1] :]
    newline = newline_of(text)
    opening = [
        f'{{{{- define "{prefix}.chart-service" }}}}',
        *(f"{{{{- {assignment} }}}}{{{{- /* canary */}}}}" for assignment in assignments),
    ]
    closing = f'{{{{- end }}}}{{{{- include "{prefix}.service" $ }}}}'
    if _trims_right(before):
        opening[-1] = _trimming(opening[-1])
    if _trims_right(body):
        closing = _trimming(closing)
    opening[0] = _with_blanks(_trimmed_blanks(before, body, newline), opening[0])
    closing = _with_blanks(_trimmed_blanks(body, after, newline), closing)
    opening_lines = "".join(line + newline for line in opening)
    return before + opening_lines + _whole_lines(body, closing, newline) + after


def wrap_replicas(text: str, offset: int, prefix: str) -> str:
    """`text` whose `replicas:` line at `offset` renders the live count while Flagger manages the workload."""
    start, end = line_start(text, offset), _line_end(text, offset)
    before, line, after = text[:start], text[start:end], text[end:]
    newline = newline_of(text)
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    opening = f'{{{{- with include "{prefix}.replicas" $ }}}}{{{{ nindent {len(indent)} . }}}}{{{{ else }}}}'
    opening = _with_blanks(_trimmed_blanks(before, line, newline), opening)
    closing = _with_blanks(_trimmed_blanks(line, after, newline), "{{- end }}")
    return before + indent + opening + newline + _whole_lines(line, indent + closing, newline) + after


def _whole_lines(body: str, closing: str, newline: str) -> str:
    """Body and closing lines; the closing lines end the file without a line break if the body does."""
    return f"{body}{closing}{newline}" if body.endswith("\n") else f"{body}{newline}{closing}"


def _trimmed_blanks(before: str, after: str, newline: str) -> str:
    """The blanks between two texts that a `{{-` on a line between them would remove from the output.

    All but the last line ending, which the added lines have themselves; none if the chart's own `{{-` or `-}}` removes
    them. Helm 4.3 prints the blank lines at the end of a document, older versions don't.
    """
    kept = before.rstrip(_BLANK)
    if not kept or _trims_right(before) or _TRIMS_LEFT.match(after.lstrip(_BLANK)):
        return ""
    blanks = before[len(kept) :]
    return blanks.removesuffix(newline if blanks.endswith(newline) else "\n")


def _with_blanks(blanks: str, line: str) -> str:
    """The line, its `{{-` replaced by one that prints the blanks it removes."""
    return f"{{{{- {json.dumps(blanks)} }}}}{{{{ {line.removeprefix('{{- ')}" if blanks else line


def _trims_right(text: str) -> bool:
    return text.rstrip(_BLANK).endswith(" -}}")


def _trimming(line: str) -> str:
    """The line with `-}}` at its end, to trim what follows as the `-}}` before the added lines did."""
    return f"{line.removesuffix('}}').rstrip()} -}}}}"


def strip(text: str, chart_name: str) -> str:
    """`text` without the lines that wrap_service and wrap_replicas add for any Canary: the chart's own bytes.

    Lines of older versions are removed too.
    """
    prefix = rf"{re.escape(chart_name)}\.canary(?:-[a-z0-9-]+)?"
    return _strip_replicas(_strip_service(text, prefix), prefix)


def strip_one(text: str, prefix: str) -> str:
    """`text` without the lines of the Canary whose named templates begin with `prefix`."""
    return _strip_replicas(_strip_service(text, re.escape(prefix)), re.escape(prefix))


def guarded(text: str, prefix: str) -> tuple[bool, bool]:
    """Whether the text has the lines around the Service, and those around `replicas`, of the Canary `prefix`."""
    name = re.escape(prefix)
    return bool(re.search(rf'define "{name}\.chart-service"', text)), bool(
        re.search(rf'include "{name}\.replicas"', text)
    )


def _strip_service(text: str, prefix: str) -> str:
    why = r"(?:\{\{- /\* Flagger serves this while the canary is on: see _canary\.tpl\. \*/ ?-?\}\})?"
    opening = rf'\{{\{{{_KEPT_BLANKS}define "(?P<name>{prefix})\.chart-service" ?-?\}}\}}{why}'
    assignments = r"(?:\{\{- [^\n]*\}\}\{\{- /\* canary \*/ ?-?\}\}\r?\n)*"
    closing = r'end ?-?\}\}\{\{- include "(?P=name)\.service" \$ ?-?\}\}'
    older = (
        r"end \}\}\{\{- /\* (?P=name)\.chart-service \*/ ?-?\}\}\r?\n"
        rf'\{{\{{{_KEPT_BLANKS}include "(?P=name)\.service" \(list \$ "(?P=name)\.chart-service"\) ?-?\}}\}}'
    )
    pattern = re.compile(
        rf"{opening}\r?\n{assignments}(?P<body>.*?)(?P<glue>\r?\n)?"
        rf"\{{\{{{_KEPT_BLANKS}(?:{closing}|{older})(?P<tail>\r?\n)?",
        re.DOTALL,
    )
    return pattern.sub(_own_bytes, text)


def _own_bytes(match: re.Match[str]) -> str:
    return match["body"] + ((match["glue"] or "") if match["tail"] else "")


def _strip_replicas(text: str, prefix: str) -> str:
    live = r"\{\{ nindent \d+ \. \}\}\{\{ else \}\}\r?\n"
    older = r"\r?\n(?P=indent)replicas: \{\{ \. \}\}\r?\n(?P=indent)\{\{- else \}\}\r?\n"
    pattern = re.compile(
        rf'^(?P<indent>[ \t]*)\{{\{{{_KEPT_BLANKS}with include "{prefix}\.replicas" \$ \}}\}}(?:{live}|{older})'
        rf"(?P<body>[^\n]*?)(?P<glue>\r?\n)(?P=indent)\{{\{{{_KEPT_BLANKS}end \}}\}}(?P<tail>\r?\n)?",
        re.MULTILINE,
    )
    return pattern.sub(_own_bytes, text)
