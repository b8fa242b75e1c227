"""Finds the line of a template that printed invalid YAML, by marking the template's lines and rendering again.

Helm reports only a line of the rendered document, which users don't see. The marks are used only if the text without
them is the text rendered before, so a template that processes its own text is never misread.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.charts.gotemplate.blocks import lines_with_offsets, parse
from chartgen.errors import InputError, RenderError
from chartgen.inputs.yaml import yaml_node
from chartgen.manifests.documents import read_bounded, split
from chartgen.manifests.tracing.provenance import path_in_chart
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart
    from chartgen.charts.gotemplate.blocks import Action
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest

# Two characters from Unicode's private use area, with the line's number between them.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = lazy_pattern(f"{_OPEN}(\\d+){_CLOSE}")
_PRINTING = ("", "template")
_NAME = "chartgen.printed"
# An error at the end of the text was caused where the unfinished structure began.
_AT_END = lazy_pattern(r"end of stream|document separator|end of file")
_REPORTED_LINE = lazy_pattern(r"yaml: line (\d+)")
# Lines of the rendered text are left out of messages that name the template's line.
_RENDERED_LINE = lazy_pattern(r" \(document at rendered line \d+\)|(?<=yaml: )line \d+: ")


def with_line(engine: Engine, chart: Chart, request: RenderRequest, error: RenderError) -> RenderError:
    """An error about invalid YAML with the template's line added; any other error unchanged."""
    path = path_in_chart(chart, error.template) if error.template else ""
    if error.line is not None or path not in chart.files:
        return error
    template = chart.text(path)
    printed = _printed(engine, chart, request, path, template)
    fault = _fault(engine, printed) if printed is not None else None
    if printed is None or fault is None:
        return error
    marked = _printed(engine, chart, request, path, _with_marks(template))
    if marked is None or _MARK.sub("", marked) != printed:
        return error
    line = _source_line(marked.splitlines(), *fault)
    message = _RENDERED_LINE.sub("", error.message)
    return RenderError(message, template=error.template, line=line, hint=error.hint) if line else error


def _printed(engine: Engine, chart: Chart, request: RenderRequest, path: str, template: str) -> str | None:
    """The text that a template prints, rendered as a string inside a valid YAML document."""
    wrapped = f"{_wrapped(template)}\nkind: ChartgenPrinted\ntext: {{{{ include {json.dumps(_NAME)} . | toJson }}}}\n"
    files = {**chart.files, path: wrapped.encode("utf-8", errors="surrogateescape")}
    try:
        texts = engine.render(replace(chart, files=files), request)
    except RenderError:
        return None
    for text in texts.values():
        _, separator, json_text = text.partition("kind: ChartgenPrinted\ntext: ")
        if separator:
            printed: str = json.loads(json_text)
            return printed
    return None


def _wrapped(template: str) -> str:
    """The template as one definition, followed by its own definitions, since definitions can't be nested."""
    body, definitions, last = [], [], 0
    for _, block in sorted(parse(template).definitions(), key=lambda pair: pair[1].opener.start):
        body.append(template[last : block.opener.start])
        definition = template[block.opener.end : block.end.start]
        definitions.append(f"{{{{ define {block.opener.expression} }}}}{definition}{{{{ end }}}}")
        body.append(_trimming(block.opener, block.end))
        last = block.end.end
    own = f"{{{{ define {json.dumps(_NAME)} }}}}{''.join(body)}{template[last:]}{{{{ end }}}}"
    return own + "".join(definitions)


def _trimming(opener: Action, end: Action) -> str:
    """An action that prints nothing and trims like the definition it replaces."""
    return f"{{{{{'- ' if opener.trims_left else ''}/**/{' -' if end.trims_right else ''}}}}}"


def _fault(engine: Engine, printed: str) -> tuple[int, int] | None:
    """1-based line and 0-based column of the first error in the printed text, None if it is valid."""
    for _, start, text in split(printed):
        try:
            body = read_bounded(engine, text)
        except (RenderError, InputError) as error:
            line, column = _error_position(text, error.message)
            return start + line, column
        if body and not isinstance(body, dict):
            return start, 0
    return None


def _error_position(text: str, message: str) -> tuple[int, int]:
    """0-based line and column of the YAML error as ruamel.yaml reports it.

    Helm's parser (go-yaml) may report the line before, or where the block began.
    """
    from ruamel.yaml.error import MarkedYAMLError

    if "cannot start any token" not in message:
        text = text.replace("\t", " ")  # go-yaml accepts a tab between tokens
    try:
        yaml_node(text, "safe")
    except InputError as refused:
        error = refused.__cause__
        if isinstance(error, MarkedYAMLError):
            is_at_end = _AT_END.search(error.problem or "") and error.context_mark is not None
            mark = error.context_mark if is_at_end else error.problem_mark
            if mark is not None:
                return int(mark.line), int(mark.column)
    reported = _REPORTED_LINE.search(message)
    return (min(int(reported[1]) - 1, text.count("\n")) if reported else 0), 0


def _with_marks(template: str) -> str:
    """The template with a mark at the end of each line that prints something; blanks are trimmed as before."""
    parsed = parse(template)
    definitions = [(block.opener.start, block.end.end) for _, block in parsed.definitions()]
    pieces: list[str] = []
    for number, (offset, line) in enumerate(lines_with_offsets(template), start=1):
        end = offset + len(line.rstrip())
        inside = any(action.start < end < action.end for action in parsed.actions)
        closing = next((action for action in parsed.actions if action.end == end), None)
        silent = closing is not None and (closing.trims_right or closing.is_comment or closing.keyword not in _PRINTING)
        if not line.strip() or inside or silent or any(start <= offset < stop for start, stop in definitions):
            pieces.append(line)
        else:
            pieces.append(f"{line.rstrip()}{_OPEN}{number}{_CLOSE}{line[len(line.rstrip()) :]}")
    return "".join(pieces)


def _source_line(marked: list[str], fault: int, column: int) -> int | None:
    """The template's line that printed this line and column: that of the next mark, None if there is none."""
    for number, text in enumerate(marked[fault - 1 :]):
        shift = 0
        for mark in _MARK.finditer(text):
            if number or mark.start() - shift > column:
                return int(mark[1])
            shift += len(mark[0])
    return None
