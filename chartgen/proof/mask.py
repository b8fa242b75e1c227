"""What two renderings of the same release print differently: generated passwords, certificates, dates.

196 of 1,263 charts do. Such lines are left out of a comparison, by the place they stand at.
"""

from __future__ import annotations

from difflib import unified_diff

_MASKED = "<differs between two renderings>"


def volatile_lines(first: str, second: str) -> frozenset[int]:
    """Indexes of the lines that differ between two renderings, all lines where their number differs."""
    ours, theirs = first.splitlines(), second.splitlines()
    if len(ours) != len(theirs):
        return frozenset(range(max(len(ours), len(theirs))))
    return frozenset(index for index, (one, other) in enumerate(zip(ours, theirs, strict=True)) if one != other)


def masked(text: str, volatile: frozenset[int]) -> str:
    """`text` with the volatile lines replaced by one and the same word."""
    if not volatile:
        return text
    return "\n".join(_MASKED if index in volatile else line for index, line in enumerate(text.splitlines()))


def difference(before: str, after: str, most: int = 40) -> str:
    """A unified diff of two renderings, cut after `most` lines."""
    lines = list(unified_diff(before.splitlines(), after.splitlines(), "as it was", "as it would be", lineterm="", n=2))
    cut = [*lines[:most], f"… {len(lines) - most} more lines"] if len(lines) > most else lines
    return "\n".join(cut)
