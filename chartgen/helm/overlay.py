"""An overlay for the `helm` program: values with precedence over all of the user's own arguments.

In Helm, `--set`, `--set-string` and `--set-file` override `--set-json` (pkg/cli/values/options.go: MergeValues), so
chartgen drops their parts that set the same values.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from chartgen.helm.request import RenderRequest, ValueSources

# `key=value` and `key={a,b}` between commas, `\` escapes a character (pkg/strvals).
_PART = lazy_pattern(r"(?P<key>(?:\\.|[^\\=,])+)=(?:\{(?:\\.|[^}\\])*\}|(?:\\.|[^,\\])*)(?:,|$)", re.DOTALL)
_Path = tuple[str, ...]


def overlay_arguments(request: RenderRequest, file: Path) -> list[str]:
    """The overlay, written to `file`, as a last values file; over `--set` arguments as `--set-json` (helm 3.10)."""
    if not request.overlay:
        return []
    sources = request.sources
    if any((sources.set_json, sources.set, sources.set_string, sources.set_file)):
        return [f"--set-json={_escaped(path)}={json.dumps(value)}" for path, value in _leaves(request.overlay)]
    file.write_text(json.dumps(request.overlay), encoding="utf-8")
    return ["--values", str(file)]


def beside_overlay(request: RenderRequest) -> ValueSources:
    """The user's arguments without the parts that would override the overlay."""
    paths = [path for path, _ in _leaves(request.overlay)]
    sources = request.sources
    return sources._replace(
        set=_without(sources.set, paths),
        set_string=_without(sources.set_string, paths),
        set_file=_without(sources.set_file, paths),
    )


def _without(expressions: tuple[str, ...], paths: list[_Path]) -> tuple[str, ...]:
    left = (_left_of(expression, paths) for expression in expressions)
    return tuple(expression for expression in left if expression)


def _left_of(expression: str, paths: list[_Path]) -> str:
    """The expression without its parts at, above or below `paths`; unchanged if it is invalid, for Helm to reject."""
    parts = list(_PART.finditer(expression))
    if sum(len(part.group()) for part in parts) != len(expression):
        return expression
    kept = [part.group().removesuffix(",") for part in parts if not _touches(_path_of(part["key"]), paths)]
    return ",".join(kept)


def _touches(path: _Path, others: list[_Path]) -> bool:
    return any(path[: len(other)] == other[: len(path)] for other in others)


def _path_of(key: str) -> _Path:
    """`a.b\\.c[0]` as ("a", "b.c"): an index in a list counts as the list."""
    steps = re.findall(r"(?:\\.|[^\\.])+", re.split(r"(?<!\\)\[", key, maxsplit=1)[0])
    return tuple(re.sub(r"\\(.)", r"\1", step) for step in steps)


def _leaves(overlay: Mapping[str, Any], path: _Path = ()) -> Iterator[tuple[_Path, Any]]:
    for key, value in overlay.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, str(key)))
        else:
            yield (*path, str(key)), value


def _escaped(path: _Path) -> str:
    return ".".join(re.sub(r"([.,=\[\]\\])", r"\\\1", step) for step in path)
