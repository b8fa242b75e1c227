"""Lines put around the chart's own Service and `replicas`, and their exact removal.

Both edits are whole lines before and after the chart's own, so that removing them restores the chart's bytes. The
comments of `_canary.tpl.j2`, which holds the logic of these lines, explain why they are needed.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from chartgen.canary.regions import line_end
from chartgen.charts.gotemplate.blocks import line_start
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from chartgen.canary.regions import Region
    from chartgen.charts.gotemplate.blocks import GoTemplate

# The characters that Go's trim markers remove (text/template/parse/lex.go: spaceChars).
_BLANK = " \t\r\n"
_TRIMS_LEFT = lazy_pattern(r"\{\{-\s")
# `{{- "\n" }}{{ ` in place of `{{- `: see _with_blanks.
_KEPT_BLANKS = r"- (?:\"(?:\\[nrt]| )*\" \}\}\{\{ )?"


def newline_of(text: str) -> str:
    """The line ending that most lines of the text use."""
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"


def wrap_service(text: str, region: Region, prefix: str, assignments: tuple[str, ...]) -> str:
    """`text` with the lines of `region` in a named template, which a template of the helper file prints.

    `prefix` begins the names of both: `shop.canary`. Go templates allow `define` at the top level only, so the blocks
    around the region end before it and begin again inside and after it.
    """
    before, body, after = text[: region.start], text[region.start : region.end], text[region.end :]
    newline = newline_of(text)
    ends = "{{- end }}" * region.depth
    opening = [
        f'{ends}{{{{- define "{prefix}.chart-service" }}}}',
        *(f"{{{{- {assignment} }}}}{{{{- /* canary */}}}}" for assignment in assignments),
    ]
    opening[-1] += region.openers
    closing = f'{ends}{{{{- end }}}}{{{{- include "{prefix}.service" $ }}}}{region.openers}'
    if _trims_right(before):
        opening[-1] = _trimming(opening[-1])
    if _trims_right(body):
        closing = _trimming(closing)
    opening[0] = _with_blanks(_trimmed_blanks(before, body, newline), opening[0])
    closing = _with_blanks(_trimmed_blanks(body, after, newline), closing)
    opening_lines = "".join(line + newline for line in opening)
    return before + opening_lines + _whole_lines(body, closing, newline) + after


def wrap_replicas(text: str, offset: int, prefix: str, *, live: bool = True, test: str = "") -> str:
    """`text` whose `replicas:` line at `offset` renders the live count while Flagger manages the workload.

    Not `live`: the line isn't rendered while the canary is on. `test` is true where the line is that of the target, if
    other workloads share it.
    """
    start, end = line_start(text, offset), line_end(text, offset)
    before, line, after = text[:start], text[start:end], text[end:]
    newline = newline_of(text)
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    asked = f'include "{prefix}.{"replicas" if live else "on"}" $'
    asked = f"and ({test}) ({asked})" if test else asked
    opening = f"{{{{- if not ({asked}) }}}}"
    if live:
        opening = f"{{{{- with {asked} }}}}{{{{ nindent {len(indent)} . }}}}{{{{ else }}}}"
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
        re.search(rf'include "{name}\.(?:replicas|on)"', text)
    )


def _strip_service(text: str, prefix: str) -> str:
    why = r"(?:\{\{- /\* Flagger serves this while the canary is on: see _canary\.tpl\. \*/ ?-?\}\})?"
    blocks = r"(?:\{\{ (?:if|with|else)\b[^\n]*\}\})?"
    define = rf'define "(?P<name>{prefix})\.chart-service" ?-?\}}\}}{why}{blocks}'
    opening = rf"\{{\{{{_KEPT_BLANKS}(?:end \}}\}}\{{\{{- )*{define}"
    assignments = rf"(?:\{{\{{- [^\n]*\}}\}}\{{\{{- /\* canary \*/ ?-?\}}\}}{blocks}\r?\n)*"
    closing = rf'end ?-?\}}\}}(?:\{{\{{- end \}}\}})*\{{\{{- include "(?P=name)\.service" \$ ?-?\}}\}}{blocks}'
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


def is_wrapped(template: GoTemplate, offset: int) -> bool:
    """Whether the lines at `offset` are those of a Service in the named template of an added Canary."""
    around = template.conditions_at(offset)
    return any(each.kind == "define" and each.expression.endswith('.chart-service"') for each in around)


def _own_bytes(match: re.Match[str]) -> str:
    return match["body"] + ((match["glue"] or "") if match["tail"] else "")


def _strip_replicas(text: str, prefix: str) -> str:
    live = r"\{\{ nindent \d+ \. \}\}\{\{ else \}\}\r?\n"
    older = r"\r?\n(?P=indent)replicas: \{\{ \. \}\}\r?\n(?P=indent)\{\{- else \}\}\r?\n"
    test = r"(?:and \(eq [^\n]*\) \()?"
    asks = rf'with {test}include "{prefix}\.replicas" \$\)? \}}\}}(?:{live}|{older})'
    drops = rf'if not \({test}include "{prefix}\.on" \$\)+ \}}\}}\r?\n'
    # Canaries of several items of a `range` share the line: another one's condition begins below this one's.
    others = r"(?:[ \t]*\{\{-[^\n]*\b(?:with |if not \()and \(eq [^\n]*\$\)+ \}\}[^\n]*\n)*"
    pattern = re.compile(
        rf"^(?P<indent>[ \t]*)\{{\{{{_KEPT_BLANKS}(?:{asks}|{drops})"
        rf"(?P<body>{others}[^\n]*?)(?P<glue>\r?\n)(?P=indent)\{{\{{{_KEPT_BLANKS}end \}}\}}(?P<tail>\r?\n)?",
        re.MULTILINE,
    )
    found = 1
    while found:
        text, found = pattern.subn(_own_bytes, text)
    return text
