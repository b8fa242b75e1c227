"""Splits rendered text into documents as Helm does (pkg/release/util/manifest.go: SplitManifests)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.errors import InputError, LimitExceeded, RenderError
from chartgen.inputs.limits import DEPTH
from chartgen.inputs.shape import bounded
from chartgen.manifests.manifest import Manifest
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest

    # A document of a rendering: its template, its index there, its 1-based line, its text.
    _Piece = tuple[str, int, int, str]

# Helm's `(?:^|\s*\n)---\s*`; the blanks before the line break are stripped from the document anyway.
_SEPARATOR = lazy_pattern(r"(?:^|\n)---\s*")


def split(text: str) -> Iterator[tuple[int, int, str]]:
    """(index, 1-based start line, text) of each document that isn't empty."""
    start, index = 0, 0
    line, counted = 1, 0
    for match in [*_SEPARATOR.finditer(text), None]:
        end = match.start() if match else len(text)
        piece = text[start:end]
        if piece.strip():
            offset = start + len(piece) - len(piece.lstrip())
            line, counted = line + text.count("\n", counted, offset), offset
            yield index, line, piece.strip()
            index += 1
        start = match.end() if match else end


def manifests_of(engine: Engine, texts: Mapping[str, str]) -> tuple[Manifest, ...]:
    """The objects of a rendering, file by file; raises RenderError with the template of one that isn't a YAML map."""
    pieces = _pieces(texts)
    try:
        bodies = [bounded(body) for body in engine.read_documents([text for *_, text in pieces])]
    except (RenderError, InputError, RecursionError):
        bodies = [_read(engine, template, line, text) for template, _, line, text in pieces]
    return _manifests(pieces, bodies)


def manifests_of_each(engine: Engine, renderings: list[Mapping[str, str]]) -> list[tuple[Manifest, ...] | RenderError]:
    """`manifests_of` for several renderings, which Helm reads in one call; RenderError for one that it can't read."""
    pieces = [_pieces(texts) for texts in renderings]
    try:
        bodies = iter(engine.read_documents([text for each in pieces for *_, text in each]))
        return [_manifests(each, [bounded(next(bodies)) for _ in each]) for each in pieces]
    except (RenderError, InputError, LimitExceeded, RecursionError):
        return [_alone(engine, texts) for texts in renderings]


def _alone(engine: Engine, texts: Mapping[str, str]) -> tuple[Manifest, ...] | RenderError:
    try:
        return manifests_of(engine, texts)
    except RenderError as error:
        return error


def _pieces(texts: Mapping[str, str]) -> list[_Piece]:
    return [
        (template, index, line, text)
        for template in sorted(texts)
        if _renders_objects(template)
        for index, line, text in split(texts[template])
        if not _is_comment(text)
    ]


def _manifests(pieces: list[_Piece], bodies: list[Any]) -> tuple[Manifest, ...]:
    found: list[Manifest] = []
    for (template, index, line, text), body in zip(pieces, bodies, strict=True):
        if isinstance(body, dict) and body:
            found.append(Manifest(template, index, line, text, body))
        elif body:
            raise RenderError(f"{template}: a rendered document is not a map", template=template)
    return tuple(found)


def read_bounded(engine: Engine, text: str) -> Any:
    """What Helm reads in a text; RenderError where it cannot, InputError where it is nested too deep for Python."""
    try:
        return bounded(engine.read_yaml(text))
    except RecursionError as error:
        raise InputError(f"nested more than {DEPTH} levels deep", hint="write it flatter") from error


def read_values(engine: Engine, chart: Chart, request: RenderRequest) -> dict[str, Any]:
    """The values the templates see; RenderError where they are nested too deep for Python."""
    try:
        values: dict[str, Any] = bounded(engine.values(chart, request))
    except (InputError, RecursionError) as error:
        reason = error.message if isinstance(error, InputError) else f"nested more than {DEPTH} levels deep"
        raise RenderError(f"{chart.root}: its values cannot be read: {reason}", hint="write them flatter") from error
    return values


def _renders_objects(template: str) -> bool:
    """Whether Helm reads objects from the file: not from partials (`_*.tpl`) and NOTES.txt."""
    name = template.rsplit("/", 1)[-1]
    return not name.startswith("_") and not name.endswith("NOTES.txt")


def _is_comment(text: str) -> bool:
    return all(line.strip() in {"", "---"} or line.lstrip().startswith("#") for line in text.splitlines())


def _read(engine: Engine, template: str, line: int, text: str) -> object:
    try:
        return read_bounded(engine, text)
    except InputError as error:
        raise RenderError(
            f"{template} (document at rendered line {line}): {error.message}", template=template, hint=error.hint
        ) from error
    except RenderError as error:
        raise RenderError(
            f"YAML parse error on {template} (document at rendered line {line}): {error.message}",
            template=template,
            hint="run `helm template --debug` to see the rendered text",
        ) from error
