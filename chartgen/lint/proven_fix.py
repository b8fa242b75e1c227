"""A finding's fix: what the rule asks for, and the edits that do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from chartgen.manifests.manifest import Route
    from chartgen.rules.fix import Fix, Safety


@dataclass(frozen=True, slots=True)
class RequestedFix:
    """What a rule asks for: `fix` of the document `key` (template, number) in the release `label`, seen at `at`."""

    rule: str
    fix: Fix
    label: str
    key: tuple[str, int]
    at: Route


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece of a file and what takes its place. Lines and columns are 1-based, the end exclusive.

    `path` is as that of findings.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    content: str


@dataclass(frozen=True, slots=True)
class ProvenFix:
    """A fix that was tried and proven: `edits` do exactly what `title` says."""

    safety: Safety
    title: str
    edits: tuple[Edit, ...]


def edits_between(root: Path, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[Edit]:
    """One edit for each file below `root` that differs, without what both have at its start and at its end."""
    for path in sorted(after):
        if before.get(path) != after[path]:
            yield _edit((root / path).as_posix(), *(_text(files.get(path, b"")) for files in (before, after)))


def _text(data: bytes) -> str:
    # As editors and SARIF count: a byte order mark takes no column.
    return data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")


def _edit(path: str, old: str, new: str) -> Edit:
    shortest = min(len(old), len(new))
    start = next((index for index in range(shortest) if old[index] != new[index]), shortest)
    most = shortest - start
    same = next((index for index in range(most) if old[-1 - index] != new[-1 - index]), most)
    line, column = _place(old, start)
    end_line, end_column = _place(old, len(old) - same)
    return Edit(path, line, column, end_line, end_column, new[start : len(new) - same])


def _place(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
