"""Rendered text into documents, split as Helm splits it (pkg/release/util/manifest.go: SplitManifests)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.errors import RenderError
from chartgen.manifests.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.helm.engine import Engine

_SEPARATOR = re.compile(r"(?:^|\s*\n)---\s*")
_COMMENT_OR_EMPTY = re.compile(r"\s*(?:#[^\n]*)?\s*\n?")


def split(text: str) -> Iterator[tuple[int, int, str]]:
    """(index, 1-based start line, text) of each document that is not empty."""
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
    """The objects of a rendering, file by file; RenderError names template and line where one is no YAML map."""
    pieces = [
        (template, index, line, text)
        for template in sorted(texts)
        if _renders_objects(template)
        for index, line, text in split(texts[template])
        if not _is_comment(text)
    ]
    try:
        bodies = engine.read_documents([text for *_, text in pieces])
    except RenderError:
        bodies = [_read(engine, template, line, text) for template, _, line, text in pieces]
    found: list[Manifest] = []
    for (template, index, line, text), body in zip(pieces, bodies, strict=True):
        if isinstance(body, dict) and body:
            found.append(Manifest(template, index, line, text, body))
        elif body:
            raise RenderError(f"{template}: a rendered document is no map", template=template)
    return tuple(found)


def _renders_objects(template: str) -> bool:
    """Partials (`_*.tpl`) and NOTES.txt print no objects."""
    name = template.rsplit("/", 1)[-1]
    return not name.startswith("_") and not name.endswith("NOTES.txt")


def _is_comment(text: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())


def _read(engine: Engine, template: str, line: int, text: str) -> object:
    try:
        return engine.read_yaml(text)
    except RenderError as error:
        raise RenderError(
            f"YAML parse error on {template} (document at rendered line {line}): {error.message}",
            template=template,
            hint="run `helm template --debug` to see the rendered text",
        ) from error
