"""A block of its own in a values.yaml, added so that it can be removed again to the last byte.

Removing is the inverse of `add_top_level_block`: every text that the block may have been added to is tried, and the one
counts from which adding leads back to the file. If several would, a comment in the block says what the file was before.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from chartgen.edits import yaml_candidates as candidates
from chartgen.edits import yaml_shape as shapes
from chartgen.edits.yaml_entry import key_text
from chartgen.edits.yaml_route import find, require_unshared
from chartgen.edits.yaml_source import composed, is_flow, read
from chartgen.edits.yaml_text import add_top_level_block
from chartgen.errors import ConflictError
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.edits.yaml_route import NodePath
    from chartgen.edits.yaml_source import Source

_NEW_FILE = "# add-canary created this file."
_RECORD = lazy_pattern(r'[ \t]*# add-canary wrote this in place of ("(?:[^"\\\r\n]|\\.)*")\.')
# Stands for the block where only its place counts.
_PROBE = "probe: 1\n"


@lru_cache(maxsize=8)
def add_block(data: bytes | None, key: str, block: str, *, path: str = "values.yaml") -> bytes:
    """`data` with `block` (LF, not indented) under `key:`, so that `remove_block` restores `data`; None: no file.

    Raises ConflictError if the block can't be added safely.
    """
    before = data or b""
    plain = add_top_level_block(before, key, block, path=path)
    if data is not None and remove_block(plain, key, path=path) == data:
        return plain
    record = f"# add-canary wrote this in place of {json.dumps(_replaced(before, plain))}."
    return add_top_level_block(before, key, f"{_NEW_FILE if data is None else record}\n{block}", path=path)


def remove_block(data: bytes, key: str, *, path: str = "values.yaml") -> bytes | None:
    """`data` without the entry `key` of its root, and without what `add_block` wrote around it.

    None if the file should be deleted, because `add_block` created it. Raises ConflictError if the entry can't be
    removed without changing others.
    """
    source = read(data, path)
    node_path = find(source, (key,), path)
    require_unshared(source, node_path, (key,), path)
    place = _Place.of(source, node_path)
    before = shapes.without(shapes.document([source.root]), key)
    if is_flow(node_path.parent):
        texts = candidates.entry_deleted(source, node_path.parent, node_path.steps[-1])
    else:
        texts = place.without()
    fallback: str | None = None
    for text in dict.fromkeys(texts):
        if not _has_shape(text, before, path):
            continue
        if place.leads_back_from(text, key, path):
            return None if place.is_new_file and not text else text.encode()
        fallback = text if fallback is None else fallback
    if fallback is None:
        raise ConflictError([f"{path}: chartgen can't remove {key}"], hint="remove it by hand and run again")
    return fallback.encode()


def _replaced(before: bytes, after: bytes) -> str:
    """What of `before` gave way to the block."""
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    tail = next((at for at in range(shorter - head) if before[-1 - at] != after[-1 - at]), shorter - head)
    return before[head : len(before) - tail].decode("utf-8", "replace")


def _has_shape(text: str, wanted: shapes.Shape, path: str) -> bool:
    try:
        after = shapes.document(composed(text, path))
    except ConflictError:
        return False
    return after == wanted or (not wanted[3] and not after[3])


@dataclass(frozen=True, slots=True)
class _Place:
    """The entry's part of the text: from the first character of its key's line to the end of its last line."""

    source: Source
    start: int
    end: int
    is_flow: bool
    record: str
    is_new_file: bool

    @classmethod
    def of(cls, source: Source, node_path: NodePath) -> _Place:
        start = node_path.key.start_mark.index
        end = candidates.end_of_entry(source, node_path.parent, node_path.steps[-1])
        if is_flow(node_path.parent):
            return cls(source, start, end, True, "", False)
        column = candidates.column_of(source, node_path.parent)
        end = _with_comments(source, source.line_end(end), column)
        first = source.text[source.next_line(start) : end]
        found = _RECORD.match(first)
        record = str(json.loads(found[1])) if found else ""
        return cls(source, source.line_start(start), end, False, record, first.lstrip().startswith(_NEW_FILE))

    def without(self) -> Iterator[str]:
        """The texts that the block may have been added to, the likeliest first."""
        text, newline = self.source.text, self.source.newline
        starts = [self.start]
        if text[: self.start].endswith(newline * 2) or text[: self.start] == newline:
            starts.insert(0, self.start - len(newline))
        starts += [start - len(newline) for start in starts if text[:start].endswith(newline)]
        below = self.source.next_line(self.end)
        ends = [below, self.end]
        if text.startswith(newline, below):
            # At the top of the file, the blank line below the block belongs to it.
            ends.insert(0 if not self.start else len(ends), below + len(newline))
        for start in starts:
            for end in ends:
                yield text[:start] + self.record + text[end:]

    def leads_back_from(self, text: str, key: str, path: str) -> bool:
        """Whether adding a block to `text` leads to this text, whatever the block contains."""
        try:
            again = add_top_level_block(text.encode(), key, _PROBE, path=path).decode()
        except ConflictError:
            return False
        source = self.source
        if self.is_flow:
            probe = f"{key_text(key)}: {{{_PROBE.strip()}}}"
        else:
            block = source.text[self.start : self.end]
            pad = block[: len(block) - len(block.lstrip(" "))]
            probe = f"{pad}{key_text(key)}:{source.newline}{pad}  {_PROBE.strip()}"
        return again == source.text[: self.start] + probe + source.text[self.end :]


def _with_comments(source: Source, end: int, column: int) -> int:
    """The end of the line `end` is on, or of the comments below it that are indented deeper than `column`."""
    while (below := source.next_line(end)) < len(source.text):
        line = source.text[below : source.line_end(below)]
        if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) <= column:
            return end
        end = source.line_end(below)
    return end
