"""Reading a journal's index; it must belong to this user and name only files in its chart."""

from __future__ import annotations

import json
import os
from pathlib import Path

from chartgen.edits import folder as at
from chartgen.edits import state
from chartgen.edits.journal import PHASES, Entry, Journal
from chartgen.patterns import lazy_pattern

_DIGEST = lazy_pattern(r"[0-9a-f]{64}")
_HIDDEN = lazy_pattern(r"(templates/)?\.chartgen-[0-9a-f]{32}")
_MOST_BYTES = 16 << 20


class JournalError(Exception):
    """The journal on disk is damaged, belongs to another user, or names files outside its chart."""


def read(folder: Path) -> Journal | None:
    """The journal in `folder`, None if its write had not begun; JournalError if it can't be trusted."""
    try:
        with at.opened(folder) as descriptor:
            if not state.is_private(os.fstat(descriptor)):
                raise JournalError("it belongs to another user or can be written by others")
            index = _index(descriptor)
    except OSError as error:
        raise JournalError(f"it can't be read: {error.strerror}") from error
    if index is None:
        return None
    phase, data = index
    try:
        found = _parsed(folder, json.loads(data))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        if phase == PHASES[0]:
            return None  # interrupted while the index was written, before anything else was
        raise JournalError("its index is damaged") from error
    if state.key_of(found.root) != folder.name:
        raise JournalError("it is the journal of another chart")
    return found


def _index(descriptor: int) -> tuple[str, bytes] | None:
    for phase in PHASES:
        about = at.status(descriptor, phase)
        if about is None:
            continue
        if not state.is_private(about) or about.st_nlink != 1:
            raise JournalError("its index belongs to another user or can be written by others")
        return phase, at.read(descriptor, phase, _MOST_BYTES)
    return None


def _parsed(folder: Path, index: dict[str, object]) -> Journal:
    root, files, made, hidden = index["chart"], index["files"], index["folders"], index["hidden"]
    if index["version"] != 1 or not isinstance(root, str) or not isinstance(files, list) or not isinstance(made, list):
        raise ValueError("shape")
    if not root.startswith("/") or os.path.normpath(root) != root or "\0" in root:
        raise ValueError("chart")
    if hidden is not None and not (isinstance(hidden, str) and _HIDDEN.fullmatch(hidden)):
        raise ValueError("hidden")
    return Journal(Path(root), folder, tuple(map(_entry, files)), tuple(map(_checked_path, made)), hidden)


def _entry(fields: dict[str, object]) -> Entry:
    before, after = (_checked_digest(fields[side]) for side in ("before", "after"))
    if before is None and after is None:
        raise ValueError("digest")
    return Entry(str(fields["path"]), _checked_path(fields["target"]), before, after)


def _checked_digest(value: object) -> str | None:
    """A digest, None where there is no file."""
    if value is not None and not (isinstance(value, str) and _DIGEST.fullmatch(value)):
        raise ValueError("digest")
    return value


def _checked_path(value: object) -> str:
    """A path that can't lead out of the chart."""
    if not isinstance(value, str) or "\0" in value or any(step in {"", ".", ".."} for step in value.split("/")):
        raise ValueError("path")
    return value
