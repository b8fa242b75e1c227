"""A plan as a unified diff for `git apply` and `patch`."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.edits.plan import FileChange, Plan

# If a path contains one of these, Git writes it as a C string (quote.c: quote_c_style).
_QUOTED = lazy_pattern(r'[\x00-\x1f"\\\x7f-\U0010ffff]')


def unified_diff(plan: Plan, prefix: str = "") -> str:
    """All changes of the plan, file by file; encode it with `surrogateescape` to get bytes.

    Paths are relative to the chart; `prefix` is put before them for a diff that is applied outside it (`charts/web/`).
    Line endings are those of the files, and bytes that aren't UTF-8 are surrogate escapes.
    """
    return "".join(line for change in plan.changes for line in _file_diff(change, prefix))


def _file_diff(change: FileChange, prefix: str) -> Iterator[str]:
    source, target = _path("a", prefix + change.path), _path("b", prefix + change.path)
    yield f"diff --git {source} {target}\n"
    if change.before is None:
        yield "new file mode 100644\n"
        source = "/dev/null"
    elif change.after is None:
        yield "deleted file mode 100644\n"
        target = "/dev/null"
    # Git adds a tab to a path with a space, because patch would cut it at the space otherwise.
    source, target = (f"{path}\t" if " " in path else path for path in (source, target))
    before, after = _lines(change.before or b""), _lines(change.after or b"")
    for line in difflib.unified_diff(before, after, source, target):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[str]:
    """Splits at LF only, as Git does: a CR is part of the line, and form feeds don't end one."""
    return re.findall(r"[^\n]*\n|[^\n]+", data.decode("utf-8", "surrogateescape"))


def _path(side: str, path: str) -> str:
    """`a/…`, as a C string with octal bytes if Git would write one."""
    unquoted = f"{side}/{path}"
    return f'"{_QUOTED.sub(_octal, unquoted)}"' if _QUOTED.search(unquoted) else unquoted


def _octal(match: re.Match[str]) -> str:
    character = match[0]
    if character in '"\\':
        return f"\\{character}"
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
