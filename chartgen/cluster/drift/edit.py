"""Sets versions in a YAML file: only their scalars change, which is checked by reading the file again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chartgen.cluster.drift.sites import BLOCK_STYLES, segments
from chartgen.edits.yaml_flow import needs_quotes
from chartgen.edits.yaml_source import composed
from chartgen.edits.yaml_text import set_scalar
from chartgen.errors import ConflictError

if TYPE_CHECKING:
    from typing import Any

    from chartgen.cluster.drift.sites import Route, Site


def with_versions(data: bytes, sites: list[Site], path: str) -> bytes:
    """The file with each site's new value; ConflictError if one can't be set alone."""
    parts = segments(data.decode("utf-8"))
    for site in sites:
        part = parts[site.segment]
        parts[site.segment] = _in_text(part, site, path) if site.nested else _set(part, site.route, site.new, path)
    return "".join(parts).encode("utf-8")


def _set(text: str, route: Route, value: str, path: str) -> str:
    node = _node(text, route, path)
    quoted = node.style in {"'", '"'} or needs_quotes(value)
    if node.style == "'" and "'" not in value:
        literal = f"'{value}'"
    else:
        literal = json.dumps(value, ensure_ascii=False) if quoted else value
    return set_scalar(text.encode("utf-8"), route, literal, path=path).decode("utf-8")


def _in_text(text: str, site: Site, path: str) -> str:
    """The file with one line of a block of text changed, which is YAML itself."""
    node = _node(text, site.route, path)
    before = node.value
    after = _set(before, site.nested, site.new, path)
    lines, changed = before.split("\n"), after.split("\n")
    differing = [index for index, (old, new) in enumerate(zip(lines, changed, strict=False)) if old != new]
    outer = text.split("\n")
    if node.style in BLOCK_STYLES and len(lines) == len(changed) and len(differing) == 1:
        at = node.start_mark.line + 1 + differing[0]
        old = lines[differing[0]]
        line = outer[at].removesuffix("\r")
        if line.endswith(old):
            end = outer[at][len(line) :]
            outer[at] = line.removesuffix(old) + changed[differing[0]] + end
            result = "\n".join(outer)
            if _node(result, site.route, path).value == after:
                return result
    raise ConflictError([f"{site.text}: chartgen can't set it alone"], hint=f"set it to {site.new} by hand")


def _node(text: str, route: Route, path: str) -> Any:
    roots = composed(text, path)
    node = roots[0] if roots else None
    for step in route:
        if node is not None and node.id == "mapping":
            values = [value for key, value in node.value if key.value == step]
            if len(values) > 1:
                raise ConflictError(
                    [f"{path}: {'.'.join(map(str, route))}: the key {step} is there more than once"],
                    hint="remove all but one and run again",
                )
            node = values[0] if values else None
        elif node is not None and node.id == "sequence" and isinstance(step, int):
            node = node.value[step] if step < len(node.value) else None
        else:
            node = None
    if node is None or node.id != "scalar":
        raise ConflictError([f"{path}: {'.'.join(map(str, route))} is not a single value"])
    return node
