"""Which line of a template printed the rendered text that is no YAML: its lines are marked and Helm is asked again.

Helm names a line of the rendered document only, which nobody sees. What is marked counts only where the text without
its marks is the text that was rendered before, so a template that looks at its own text is never misread.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.charts.gotemplate.blocks import lines_with_offsets, parse
from chartgen.errors import InputError, RenderError
from chartgen.inputs.yaml import yaml_node
from chartgen.manifests.documents import read_bounded, split
from chartgen.manifests.tracing.provenance import path_in_chart

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart
    from chartgen.charts.gotemplate.blocks import Action
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest

# Two characters no template holds, the line's number between them.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_PRINTING = ("", "template")
_NAME = "chartgen.printed"
# What is wrong at the end began where the parser began to wait for it.
_RUNS_OUT = re.compile(r"end of stream|document separator|end of file")
_TOLD = re.compile(r"yaml: line (\d+)")
# Lines of a text nobody sees say nothing once the template's line is known.
_IN_RENDERED = re.compile(r" \(document at rendered line \d+\)|(?<=yaml: )line \d+: ")


def with_line(engine: Engine, chart: Chart, request: RenderRequest, error: RenderError) -> RenderError:
    """The same error at the template's line, where its rendered text is no YAML; any other error as it is."""
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
    message = _IN_RENDERED.sub("", error.message)
    return RenderError(message, template=error.template, line=line, hint=error.hint) if line else error


def _printed(engine: Engine, chart: Chart, request: RenderRequest, path: str, template: str) -> str | None:
    """What a template prints, as a string inside a document that is sure to be YAML."""
    wrapped = f"{_wrapped(template)}\nkind: ChartgenPrinted\ntext: {{{{ include {json.dumps(_NAME)} . | toJson }}}}\n"
    files = {**chart.files, path: wrapped.encode("utf-8", errors="surrogateescape")}
    try:
        texts = engine.render(replace(chart, files=files), request)
    except RenderError:
        return None
    for text in texts.values():
        _, found, told = text.partition("kind: ChartgenPrinted\ntext: ")
        if found:
            printed: str = json.loads(told)
            return printed
    return None


def _wrapped(template: str) -> str:
    """The template as one definition, its own definitions beside it: they cannot stand inside one another."""
    own, beside, last = [], [], 0
    for _, block in sorted(parse(template).definitions(), key=lambda pair: pair[1].opener.start):
        own.append(template[last : block.opener.start])
        beside.append(f"{{{{ define {block.opener.expression} }}}}{template[block.opener.end : block.end.start]}")
        own.append(_trimming(block.opener, block.end))
        last = block.end.end
    definitions = "".join(f"{one}{{{{ end }}}}" for one in beside)
    return f"{{{{ define {json.dumps(_NAME)} }}}}{''.join(own)}{template[last:]}{{{{ end }}}}{definitions}"


def _trimming(opener: Action, end: Action) -> str:
    """An action that prints nothing and trims as the definition did that stood here."""
    return f"{{{{{'- ' if opener.trims_left else ''}/**/{' -' if end.trims_right else ''}}}}}"


def _fault(engine: Engine, printed: str) -> tuple[int, int] | None:
    """1-based line and 0-based column of what Helm cannot read of the printed text."""
    for _, start, text in split(printed):
        try:
            body = read_bounded(engine, text)
        except (RenderError, InputError) as error:
            line, column = _stumbled(text, error.message)
            return start + line, column
        if body and not isinstance(body, dict):
            return start, 0
    return None


def _stumbled(text: str, told: str) -> tuple[int, int]:
    """0-based line and column at which a YAML parser stumbles.

    Helm's own (go-yaml) may name the line before, or where the block began.
    """
    from ruamel.yaml.error import MarkedYAMLError

    if "cannot start any token" not in told:
        text = text.replace("\t", " ")  # go-yaml takes a tab between tokens
    try:
        yaml_node(text, "safe")
    except InputError as refused:
        error = refused.__cause__
        if isinstance(error, MarkedYAMLError):
            runs_out = _RUNS_OUT.search(error.problem or "") and error.context_mark is not None
            mark = error.context_mark if runs_out else error.problem_mark
            if mark is not None:
                return int(mark.line), int(mark.column)
    named = _TOLD.search(told)
    return (min(int(named[1]) - 1, text.count("\n")) if named else 0), 0


def _with_marks(template: str) -> str:
    """Each line that prints something ends in its mark; nothing else moves, blanks are trimmed as before."""
    parsed = parse(template)
    defined = [(block.opener.start, block.end.end) for _, block in parsed.definitions()]
    pieces: list[str] = []
    for number, (offset, line) in enumerate(lines_with_offsets(template), start=1):
        end = offset + len(line.rstrip())
        inside = any(action.start < end < action.end for action in parsed.actions)
        closing = next((action for action in parsed.actions if action.end == end), None)
        silent = closing is not None and (closing.trims_right or closing.is_comment or closing.keyword not in _PRINTING)
        if not line.strip() or inside or silent or any(start <= offset < stop for start, stop in defined):
            pieces.append(line)
        else:
            pieces.append(f"{line.rstrip()}{_OPEN}{number}{_CLOSE}{line[len(line.rstrip()) :]}")
    return "".join(pieces)


def _source_line(marked: list[str], fault: int, column: int) -> int | None:
    """The line that printed this place: the mark behind it ends the line it is on, or what printed several lines."""
    for number, text in enumerate(marked[fault - 1 :]):
        shift = 0
        for mark in _MARK.finditer(text):
            if number or mark.start() - shift > column:
                return int(mark[1])
            shift += len(mark[0])
    return None
