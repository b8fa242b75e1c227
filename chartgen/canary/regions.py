"""The lines of a template file that render a Service, to be moved into a named template."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.charts.gotemplate.blocks import line_start, parse
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.gotemplate.blocks import Action, Block, GoTemplate

_INCLUDE = lazy_pattern(r"(?:include|template)\s")
# Comments at the top of a file, of YAML or of Go, each on lines of its own.
_HEADER = lazy_pattern(
    r"(?:(?:[ \t]*\r?\n)*(?:[ \t]*#(?:(?!\{\{)[^\n])*|\{\{-? ?/\*(?:(?!\*/).)*\*/ ?-?\}\}[ \t]*)\r?\n)*", re.DOTALL
)
_SEPARATOR = lazy_pattern(r"^---[^\n]*\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Region:
    """Offsets [start, end) of whole lines, and the blocks around them: their number and the actions that open them."""

    start: int
    end: int
    openers: str = ""
    depth: int = 0


def service_regions(text: str, offset: int) -> Iterator[Region]:
    """The regions with the document at `offset`: that document alone if possible, then with the blocks it cuts."""
    template = parse(text)
    if any(condition.kind in {"define", "block"} for condition in template.conditions_at(offset)):
        return
    bounds = _between_definitions(template, offset, _document(text, offset))
    for region in (_inside_blocks(template, offset, bounds), _with_blocks(template, bounds)):
        defines = any(region.start <= block.opener.start < region.end for _, block in template.definitions())
        contains_offset = region.start <= offset < region.end
        if contains_offset and not defines and template.is_balanced(region.start, region.end):
            yield region


def _inside_blocks(template: GoTemplate, offset: int, bounds: tuple[int, int]) -> Region:
    """The document without the parts of blocks at its ends, and without the blocks around it."""
    text, (start, end) = template.text, bounds
    around: list[Block] = []
    for block in sorted(template.blocks, key=lambda block: block.opener.start):
        if block.opener.end <= offset < block.end.start:
            if not (start <= block.opener.start and block.end.end <= end):
                around.append(block)
        elif block.opener.start < start < block.end.end <= offset:
            start = line_end(text, block.end.end)
        elif offset < block.opener.start < end < block.end.end:
            end = line_start(text, block.opener.start)
    kept: list[Block] = []
    for block in around:
        branch = _branch_actions(block, offset)
        following = next((action for action in (*block.elses, block.end) if action.start > offset), block.end)
        start = max(start, line_end(text, branch[-1].end))
        end = min(end, line_start(text, following.start))
        kept.append(block)
    if len(kept) == 1 and _is_alone(text, kept[0], start, end):
        return Region(line_start(text, kept[0].opener.start), line_end(text, kept[0].end.end))
    if any(block.opener.keyword not in {"if", "with"} for block in kept):
        return Region(0, 0)
    actions = [action for block in kept for action in _branch_actions(block, offset)]
    return Region(start, end, "".join(f"{{{{ {' '.join(action.body.split())} }}}}" for action in actions), len(kept))


def _branch_actions(block: Block, offset: int) -> list[Action]:
    """The actions that lead into the branch with `offset`: without text between them, they select the same branch."""
    return [block.opener, *(action for action in block.elses if action.end <= offset)]


def _is_alone(text: str, block: Block, start: int, end: int) -> bool:
    """Whether the block contains nothing else than the region, in its only branch."""
    outside = text[block.opener.end : start] + text[end : block.end.start]
    return not block.elses and not outside.replace("---", "").strip()


def _with_blocks(template: GoTemplate, bounds: tuple[int, int]) -> Region:
    """The document extended to every block it is inside of or cuts."""
    text, (start, end) = template.text, bounds
    for _ in template.blocks:
        cut = [
            block
            for block in template.blocks
            if block.opener.start < end
            and block.end.end > start
            and not (start <= block.opener.start and block.end.end <= end)
        ]
        if not cut:
            break
        start = min(start, *(line_start(text, block.opener.start) for block in cut))
        end = max(end, *(line_end(text, block.end.end) for block in cut))
    return Region(start, end)


def include_offsets(text: str) -> list[int]:
    """The offsets of `include` and `template` outside named templates, the last one first."""
    template = parse(text)
    return [
        action.start
        for action in reversed(template.actions)
        if _INCLUDE.match(action.body)
        and not any(condition.kind == "define" for condition in template.conditions_at(action.start))
    ]


def _between_definitions(template: GoTemplate, offset: int, region: tuple[int, int]) -> tuple[int, int]:
    start, end = region
    for _, block in template.definitions():
        if block.end.end <= offset:
            start = max(start, line_end(template.text, block.end.end))
        elif block.opener.start > offset:
            end = min(end, line_start(template.text, block.opener.start))
    return start, end


def _document(text: str, offset: int) -> tuple[int, int]:
    start, end = 1 if text.startswith("\ufeff") else 0, len(text)
    # A licence stays the first comment of its file.
    header = _HEADER.match(text, start)
    start = header.end() if header and header.end() <= offset else start
    for match in _SEPARATOR.finditer(text):
        if match.end() <= offset:
            # Including its own `---`: two of them in a row would become part of the next document.
            start = match.start()
        elif match.start() > offset:
            end = match.start()
            break
    return start, end


def line_end(text: str, offset: int) -> int:
    """The offset after the line of `offset`."""
    newline = text.find("\n", offset)
    return len(text) if newline < 0 else newline + 1
