"""A plan as a unified diff that `git apply` and `patch` take."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.edits.plan import FileChange, Plan


def unified_diff(plan: Plan) -> str:
    """All changes of the plan, file by file. Bytes that are no UTF-8 survive as surrogate escapes."""
    return "".join(line for change in plan.changes for line in _of_file(change))


def _of_file(change: FileChange) -> Iterator[str]:
    before = _lines(change.before or b"")
    after = _lines(change.after)
    yield f"diff --git a/{change.path} b/{change.path}\n"
    if change.before is None:
        yield "new file mode 100644\n"
    source = "/dev/null" if change.before is None else f"a/{change.path}"
    for line in difflib.unified_diff(before, after, source, f"b/{change.path}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[str]:
    """Lines by LF alone: a CR before it is the line's own, and form feeds end no line for Git."""
    text = data.decode("utf-8", "surrogateescape")
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
