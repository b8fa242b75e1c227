"""Candidates for an edited YAML text: the possible positions of an entry, the best one first.

A candidate may be wrong. `yaml_text` and `yaml_entry` parse each of them and take the first one with the right content.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.edits.yaml_flow import flow_text
from chartgen.edits.yaml_source import BOM, is_flow, is_null, is_void
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chartgen.edits.yaml_route import NodePath
    from chartgen.edits.yaml_source import Source

_BLOCK_SCALARS = {"|", ">"}
_BLANK_LINES = lazy_pattern(r"(?:[ \t]*(?:\r\n|\r|\n))*")
_COMMENTS = lazy_pattern(r"(?:\s|#[^\r\n]*)*")


def entry_added(source: Source, node_path: NodePath, entry: str, member: str) -> Iterator[str]:
    """The text with an added entry in the map at `node_path`.

    `entry` is its lines (LF, not indented), `member` the same in flow style.
    """
    mapping = node_path.node
    if mapping is None or (node_path.key is None and is_void(mapping)):
        yield from _at_the_end(source, entry, 0)
    elif is_null(mapping) or (is_flow(mapping) and not _inside(source, mapping).strip()):
        column = column_of(source, node_path.parent) + 2 if node_path.steps else 0
        yield from _replace(source, source.span(mapping, node_path.key), entry, column)
        yield from _replace_with_flow(source, source.span(mapping, node_path.key), member)
    elif is_flow(mapping):
        yield from _into_flow(source, mapping, member)
    else:
        column = column_of(source, mapping)
        if not node_path.steps:
            yield from _at_the_end(source, entry, column)
        yield from _below_last(source, mapping, entry, column)
        yield from _before_key(source, mapping.value[-1][0], entry, column)
        yield from _before_key(source, mapping.value[0][0], entry, column)


def column_of(source: Source, node: Any) -> int:
    """The column of the entries of a block map, or of the dashes of a sequence."""
    if node.id != "mapping" or is_flow(node):
        return int(node.start_mark.column)
    key = node.value[0][0].start_mark
    before = source.text[source.line_start(key.index) : key.index]
    return len(before.rstrip()[:-1]) if before.rstrip().endswith("?") else int(key.column)


def _inside(source: Source, flow: Any) -> str:
    return source.text[source.span(flow, None)][1:-1]


def _lines(source: Source, entry: str, column: int) -> str:
    pad = " " * column
    return "".join(f"{pad}{line}{source.newline}" if line else source.newline for line in entry[:-1].split("\n"))


def _insert_lines(source: Source, at: int, lines: str) -> Iterator[str]:
    """`lines` inserted at an offset as lines of their own; a file without a line break at its end still has none."""
    head, tail = source.text[:at], source.text[at:]
    if not head.removeprefix(BOM) or head.endswith(("\n", "\r")):
        yield head + lines + tail
        return
    if not tail:
        yield head + source.newline + lines.removesuffix(source.newline)
    yield head + source.newline + lines + tail


def _at_the_end(source: Source, entry: str, column: int) -> Iterator[str]:
    """Below a blank line; blank lines at the end stay at the end, so that the entry can be removed again exactly."""
    lines = _lines(source, entry, column)
    at = source.document_end
    content = source.text[:at].removeprefix(BOM).rstrip()
    if content and not content.rsplit("\n", 1)[-1].startswith("---"):
        below = source.next_line(len(source.text[:at].rstrip()))
        yield from _insert_lines(source, min(below, at), source.newline + lines)
    yield from _insert_lines(source, at, lines)


def _below_last(source: Source, mapping: Any, entry: str, column: int) -> Iterator[str]:
    lines = _lines(source, entry, column)
    at = source.next_line(end_of_entry(source, mapping, len(mapping.value) - 1))
    yield from _insert_lines(source, at, lines)
    yield from _insert_lines(source, _after_blank_lines(source, at), lines)


def entry_below(source: Source, mapping: Any, index: int, entry: str) -> Iterator[str]:
    """The text with the lines `entry` (LF, not indented) below one entry of a block map."""
    at = source.next_line(end_of_entry(source, mapping, index))
    yield from _insert_lines(source, at, _lines(source, entry, column_of(source, mapping)))


def item_appended(source: Source, sequence: Any, item: str, member: str) -> Iterator[str]:
    """The text with an item below the last one of a sequence.

    `item` is its lines with the dash (LF, not indented), `member` the item in flow style.
    """
    last = sequence.value[-1]
    end = _end_of(source, last, sequence)
    if is_flow(sequence):
        yield f"{source.text[:end]}, {member}{source.text[end:]}"
    else:
        yield from _insert_lines(source, source.next_line(end), _lines(source, item, column_of(source, sequence)))


def item_deleted(source: Source, sequence: Any, index: int) -> Iterator[str]:
    """The text without the lines of an item of a block sequence; comments above it stay, those inside it go."""
    item, text = sequence.value[index], source.text
    if not is_flow(sequence):
        end = source.next_line(_end_of(source, item, sequence))
        yield text[: source.line_start(int(item.start_mark.index))] + text[end:]


def collection_replaced(source: Source, node_path: NodePath, flow: str) -> Iterator[str]:
    """The text with a map or sequence replaced by `flow`, on the line of its key."""
    key, text = node_path.key, source.text
    if key is None:
        return
    index = node_path.steps[-1]
    end = end_of_entry(source, node_path.parent, index)
    span = source.span(node_path.node, key)
    if is_flow(node_path.node):
        yield text[: span.start] + flow + text[end:]
        return
    colon = text.index(":", int(key.end_mark.index)) + 1
    line_end = source.line_end(colon)
    # A comment after the key stays.
    yield f"{text[:colon]} {flow}{text[colon:line_end]}{text[end:]}"


def _after_blank_lines(source: Source, at: int) -> int:
    blank = _BLANK_LINES.match(source.text, at)
    return blank.end() if blank else at


def _before_key(source: Source, key: Any, entry: str, column: int) -> Iterator[str]:
    """Above the key and its comments, or between them; block scalars above keep their trailing lines."""
    lines = _lines(source, entry, column)
    start = source.line_start(key.start_mark.index)
    above = start
    while above and source.text[source.line_start(above - 1) : above].lstrip(" ").startswith("#"):
        above = source.line_start(above - 1)
    yield source.text[:above] + lines + source.newline + source.text[above:]
    yield source.text[:above] + lines + source.text[above:]
    yield source.text[:start] + lines + source.text[start:]


def _replace(source: Source, span: slice, entry: str, column: int) -> Iterator[str]:
    """Lines that replace `{}`, `null`, or an empty value; a comment after it keeps its line."""
    line, line_end = source.line_start(span.start), source.line_end(span.stop)
    before, behind = source.text[line : span.start], source.text[span.stop : line_end]
    if not before.strip() and not behind.strip():
        lines = _lines(source, entry, len(before))[len(before) :].removesuffix(source.newline)
        yield source.text[: span.start] + lines + source.text[span.stop :]
        return
    below = source.next_line(line_end)
    head = source.text[: span.start].rstrip(" ") + behind + source.text[line_end:below]
    shortened = replace(source, text=head + source.text[below:])
    yield from _insert_lines(shortened, len(head), _lines(source, entry, column))


def _replace_with_flow(source: Source, span: slice, member: str) -> Iterator[str]:
    gap = " " if source.text[: span.start].endswith(":") else ""
    yield f"{source.text[: span.start]}{gap}{{{member}}}{source.text[span.stop :]}"


def _into_flow(source: Source, mapping: Any, member: str) -> Iterator[str]:
    """After the last entry of `{…}`, on a line of its own if that entry is."""
    text, close = source.text, mapping.end_mark.index - 1
    if not mapping.value:
        yield f"{text[:close]}{member}{text[close:]}"
        return
    last = end_of_entry(source, mapping, len(mapping.value) - 1)
    gap = _COMMENTS.match(text, last, close)
    has_comma = gap is not None and text.startswith(",", gap.end())
    at = gap.end() + 1 if gap is not None and has_comma else last
    key = mapping.value[-1][0].start_mark.index
    lead = text[source.line_start(key) : key]
    comma = "" if has_comma else ","
    if not lead.strip() and source.line_start(key) > mapping.start_mark.index:
        rest = _COMMENTS.match(text, at, source.line_end(at))
        own_line = rest.end() if has_comma and rest is not None else at
        yield f"{text[:own_line]}{comma}{source.newline}{lead}{member}{text[own_line:]}"
    yield f"{text[:at]}{comma} {member}{text[at:]}"


def member_text(entry_map: Any, entry: str) -> str:
    """`"key": value` of the only entry of a map."""
    return flow_text(entry_map, entry)[1:-1]


def scalar_replaced(source: Source, node_path: NodePath, text: str) -> str:
    """The text with the characters of a scalar, or of a flow sequence, replaced.

    An anchor and a block scalar's last line break stay.
    """
    span = source.span(node_path.node, node_path.key)
    start, end = span.start, span.stop
    if node_path.node.id == "scalar" and node_path.node.style in _BLOCK_SCALARS:
        end = start + len(source.text[start:end].rstrip())
    gap = " " if source.text[:start].endswith((":", "-", "?")) else ""
    return source.text[:start] + gap + text + source.text[end:]


def end_of_entry(source: Source, mapping: Any, index: int) -> int:
    """The offset after the last character of the entry, without comments after it."""
    key, value = mapping.value[index]
    if is_void(value):
        return int(source.span(value, key).stop)
    return max(int(key.end_mark.index), _end_of(source, value, mapping))


def _end_of(source: Source, node: Any, parent: Any) -> int:
    if node.start_mark.index < parent.start_mark.index:
        return _end_of_alias(source, node, parent)
    if node.id == "scalar" or is_flow(node) or not node.value:
        end = int(node.end_mark.index)
        is_block = node.id == "scalar" and node.style in _BLOCK_SCALARS
        return len(source.text[:end].rstrip()) if is_block else end
    if node.id == "mapping":
        return end_of_entry(source, node, len(node.value) - 1)
    return _end_of(source, node.value[-1], node)


def _end_of_alias(source: Source, node: Any, parent: Any) -> int:
    """An alias has the positions of the node it refers to, so look for its name."""
    name = f"*{node.anchor}"
    found = source.text.rfind(name, parent.start_mark.index, parent.end_mark.index)
    return found + len(name) if found >= 0 else int(parent.start_mark.index)


def entry_deleted(source: Source, mapping: Any, index: int, comments: Sequence[str] = ()) -> Iterator[str]:
    """The text without one entry; a map without entries becomes `{}`.

    `comments` are lines (not indented) that are deleted with it if they are exactly the lines above it.
    """
    text = source.text
    start, end = mapping.value[index][0].start_mark.index, end_of_entry(source, mapping, index)
    following = mapping.value[index + 1][0].start_mark.index if index + 1 < len(mapping.value) else None
    line = source.line_start(start)
    if is_flow(mapping):
        begin = end_of_entry(source, mapping, index - 1) if following is None and index else start
        yield text[:begin] + text[following or end :]
    elif len(mapping.value) == 1:
        yield f"{text[:start]}{{}}{text[end:]}"
    elif not text[line:start].strip():
        below = source.next_line(end)
        line = _above_comments(source, line, text[line:start], comments)
        yield text[:line] + text[below:]
        yield text[:line] + text[_after_blank_lines(source, below) :]
    if following is not None:
        yield text[:start] + text[following:]


def _above_comments(source: Source, line: int, pad: str, comments: Sequence[str]) -> int:
    """The start of the lines `comments` that end at the line start `line`, or `line` if other lines are there."""
    above = line
    for comment in reversed(comments):
        end = len(source.text[:above].removesuffix("\n").removesuffix("\r"))
        above = source.line_start(end)
        if source.text[above:end] != pad + comment:
            return line
    return above
