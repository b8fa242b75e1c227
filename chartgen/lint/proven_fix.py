"""A finding's fix: as the rule requests it, and as proven edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from chartgen.manifests.manifest import Route
    from chartgen.rules.fix import Fix, Safety


class RequestedFix(NamedTuple):
    """A rule's fix for the field `at` of the document `key` (template, number) in the release `label`."""

    rule: str
    fix: Fix
    label: str
    key: tuple[str, int]
    at: Route


class Edit(NamedTuple):
    """A part of a file and its replacement. Lines and columns are 1-based, the end exclusive.

    `path` is written as in findings.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    content: str


class ProvenFix(NamedTuple):
    """A fix that was proven: `edits` do exactly what `title` says."""

    safety: Safety
    title: str
    edits: tuple[Edit, ...]


def edits_between(root: Path, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[Edit]:
    """One edit for each file below `root` that differs, from the first different character to the last."""
    for path in sorted(after):
        if before.get(path) != after[path]:
            yield _edit((root / path).as_posix(), *(_text(files.get(path, b"")) for files in (before, after)))


def _text(data: bytes) -> str:
    # As editors and SARIF count: a byte order mark has no column.
    return data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")


def _edit(path: str, old: str, new: str) -> Edit:
    shortest = min(len(old), len(new))
    start = next((index for index in range(shortest) if old[index] != new[index]), shortest)
    longest_tail = shortest - start
    tail = next((index for index in range(longest_tail) if old[-1 - index] != new[-1 - index]), longest_tail)
    line, column = _line_and_column(old, start)
    end_line, end_column = _line_and_column(old, len(old) - tail)
    return Edit(path, line, column, end_line, end_column, new[start : len(new) - tail])


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
