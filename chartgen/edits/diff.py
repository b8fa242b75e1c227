"""A plan as a unified diff that `git apply` and `patch` take."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.edits.plan import FileChange, Plan

# Characters for which Git writes a path as a C string (quote.c: quote_c_style).
_QUOTED = re.compile(r'[\x00-\x1f"\\\x7f-\U0010ffff]')


def unified_diff(plan: Plan, below: str = "") -> str:
    """All changes of the plan, file by file, paths as in the chart; encode it with `surrogateescape` to get bytes.

    `below` stands in front of the paths, for a diff that is applied outside the chart (`charts/web/`). Line ends are
    the files' own, and bytes that are no UTF-8 survive as surrogate escapes.
    """
    return "".join(line for change in plan.changes for line in _of_file(change, below))


def _of_file(change: FileChange, below: str) -> Iterator[str]:
    source, target = _path("a", below + change.path), _path("b", below + change.path)
    yield f"diff --git {source} {target}\n"
    if change.before is None:
        yield "new file mode 100644\n"
        source = "/dev/null"
    # Git ends a path that holds a space with a tab, or patch would cut it there.
    source, target = (f"{path}\t" if " " in path else path for path in (source, target))
    before, after = _lines(change.before or b""), _lines(change.after)
    for line in difflib.unified_diff(before, after, source, target):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[str]:
    """Lines by LF alone: a CR before it is the line's own, and form feeds end no line for Git."""
    return re.findall(r"[^\n]*\n|[^\n]+", data.decode("utf-8", "surrogateescape"))


def _path(side: str, path: str) -> str:
    """`a/…`, as a C string with octal bytes where Git would write one."""
    plain = f"{side}/{path}"
    return f'"{_QUOTED.sub(_octal, plain)}"' if _QUOTED.search(plain) else plain


def _octal(match: re.Match[str]) -> str:
    character = match[0]
    if character in '"\\':
        return f"\\{character}"
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
