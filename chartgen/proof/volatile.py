"""Lines that differ between two renderings of the same release: generated passwords, certificates, dates.

196 of 1,263 charts have some. A comparison ignores them by their line number.
"""

from __future__ import annotations

from difflib import unified_diff

from chartgen.escaping import first_lines
from chartgen.patterns import lazy_pattern

_PLACEHOLDER = "<differs between two renderings>"
_TEMPLATE = lazy_pattern(r"# (?:Source: )?(\S+/templates/\S+)")


def volatile_lines(first: str, second: str) -> frozenset[int]:
    """Indexes of the lines that differ between two renderings; all lines if their number differs."""
    lines, other_lines = first.splitlines(), second.splitlines()
    if len(lines) != len(other_lines):
        return frozenset(range(max(len(lines), len(other_lines))))
    pairs = zip(lines, other_lines, strict=True)
    return frozenset(index for index, (line, other_line) in enumerate(pairs) if line != other_line)


def without_volatile(text: str, volatile: frozenset[int]) -> str:
    """`text` with each volatile line replaced by the same placeholder."""
    if not volatile:
        return text
    return "\n".join(_PLACEHOLDER if index in volatile else line for index, line in enumerate(text.splitlines()))


def difference(before: str, after: str, most: int = 18) -> str:
    """A unified diff of two renderings, cut after `most` lines."""
    lines = unified_diff(before.splitlines(), after.splitlines(), "before", "after", lineterm="", n=2)
    return first_lines("\n".join(lines), most)


def changed_templates(before: str, after: str) -> list[str]:
    """The templates in which two renderings differ, as named by the comment above each document."""
    texts, changed_texts = _by_template(before), _by_template(after)
    templates = dict.fromkeys([*texts, *changed_texts])
    return [template for template in templates if texts.get(template) != changed_texts.get(template)]


def _by_template(text: str) -> dict[str, list[str]]:
    """The lines that each template printed."""
    lines: dict[str, list[str]] = {}
    template = ""
    for line in text.splitlines():
        heading = _TEMPLATE.fullmatch(line)
        template = heading[1] if heading else template
        if line != "---":
            lines.setdefault(template, []).append(line)
    return {name: printed for name, printed in lines.items() if name}
