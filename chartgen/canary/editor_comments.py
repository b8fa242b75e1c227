"""Comments in values.yaml for other tools, on request: the schema for editors, and descriptions for helm-docs."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from chartgen.canary.files import values_block
from chartgen.edits.yaml_route import find
from chartgen.edits.yaml_source import BOM, is_flow, read
from chartgen.errors import ConflictError
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chartgen.canary.options import AddCanaryOptions
    from chartgen.edits.yaml_source import Source
    from chartgen.manifests.manifest import Route

# As the YAML language server reads it: a comment line, and the first `$schema=` in it.
_SCHEMA_LINE = lazy_pattern(r"^\ufeff?(?P<line>#\s+yaml-language-server\s*:.*?\$schema=(?P<schema>\S+))", re.MULTILINE)
# In the Canary's block, so that remove-canary knows whose the first line is.
_OWN_LINE = "# add-canary wrote the first line of this file."
_OF_ADD_CANARY = "# add-canary "
_DOCS_MARK = "# -- "
_PATH = "values.yaml"
# What the keys are that `values.yaml.j2` writes without a comment: the route below the block, `*` for the switch.
_DESCRIPTIONS: dict[tuple[str, ...], str] = {
    ("*",): "whether a release renders the Canary",
    ("service",): "fields of the Canary's service",
    ("service", "gateways"): "gateways of the virtual service",
    ("service", "gatewayRefs"): "Gateways of the HTTPRoute",
    ("service", "meshName"): "name of the App Mesh",
    ("canaryAnalysis", "metrics"): "metrics that are checked in each interval",
    ("canaryAnalysis", "webhooks"): "webhooks that Flagger calls during the analysis",
    ("canaryAnalysis", "alerts"): "where Flagger reports events",
    ("canaryAnalysis", "match"): "headers and cookies of the users of an A/B test",
    ("canaryAnalysis", "mirror"): "whether requests are mirrored to the canary",
    ("canaryAnalysis", "sessionAffinity"): "cookie that keeps users on the new version",
    ("alertProviders",): "AlertProviders beside the Canary",
    ("metricTemplates",): "MetricTemplates beside the Canary",
    ("istioGateways",): "Istio gateways beside the Canary",
    ("gatewayApiGateways",): "Gateways of the Gateway API beside the Canary",
}
_MAPS = ("service", "canaryAnalysis")


def commented(data: bytes, options: AddCanaryOptions) -> bytes:
    """values.yaml with the comments that the options ask for; ConflictError if its block has no lines of its own."""
    if options.helm_docs:
        data = _with_descriptions(data, options)
    return data if options.values_schema is None else _with_schema_line(data, options.values_schema, options.slot.key)


def missing_schema(root: Path, options: AddCanaryOptions) -> Iterator[str]:
    """A note if the schema is a path, relative to values.yaml as editors read it, without a file."""
    schema = options.values_schema
    if schema and "://" not in schema and not (root / schema).is_file():
        where = shlex.quote(str(root / schema))
        yield f"{schema} doesn't exist beside values.yaml: `chartgen schema values -o {where}` writes it"


def without_schema_line(data: bytes, key: str) -> bytes:
    """`data` without its first line, if add-canary wrote it for the block `key`."""
    source = read(data, _PATH)
    start = len(BOM) if source.text.startswith(BOM) else 0
    if not _wrote_first_line(source, key) or not _SCHEMA_LINE.match(source.text):
        return data
    return (source.text[:start] + source.text[source.next_line(start) :]).encode()


def _with_schema_line(data: bytes, schema: str, key: str) -> bytes:
    source = read(data, _PATH)
    text, start = source.text, len(BOM) if source.text.startswith(BOM) else 0
    found = _SCHEMA_LINE.search(text)
    if found and found["schema"] == schema:
        return data
    line = f"# yaml-language-server: $schema={schema}"
    if found and found.start("line") == start and _wrote_first_line(source, key):
        return (text[:start] + line + text[source.line_end(start) :]).encode()
    if found:
        number = text.count("\n", 0, found.start()) + 1
        raise ConflictError(
            [f"{_PATH}:{number} already names the schema {found['schema']}"],
            hint="nothing was written; change that line by hand, or leave --values-schema out",
        )
    at, pad = _first_entry(source, key)
    marked = f"{text[:at]}{pad}{_OWN_LINE}{source.newline}{text[at:]}"
    return (marked[:start] + line + source.newline + marked[start:]).encode()


def _first_entry(source: Source, key: str) -> tuple[int, str]:
    """Where the lines of the block begin, and their indent."""
    node_path = find(source, (key,), _PATH)
    if is_flow(node_path.parent) or node_path.node.id != "mapping" or is_flow(node_path.node):
        raise ConflictError(
            [f"{_PATH}: {key} is written in braces, without room for comments"],
            hint="nothing was written; leave --values-schema and --helm-docs out, or write it on lines of its own",
        )
    first = node_path.node.value[0][0].start_mark
    at = source.next_line(node_path.key.start_mark.index)
    while source.text[at : first.index].lstrip(" ").startswith(_OF_ADD_CANARY):
        # The comment by which `remove_block` knows what the block replaced is the first one.
        at = source.next_line(at)
    return at, " " * first.column


def _wrote_first_line(source: Source, key: str) -> bool:
    try:
        at, _ = _first_entry(source, key)
    except ConflictError:
        return False
    block = source.text[find(source, (key,), _PATH).key.start_mark.index : at]
    return any(line.strip() == _OWN_LINE for line in block.splitlines())


def _with_descriptions(data: bytes, options: AddCanaryOptions) -> bytes:
    """`data` with `# --` before each setting of the block that has none."""
    source = read(data, _PATH)
    key = options.slot.key
    _first_entry(source, key)
    text = source.text
    own = {line.strip() for line in values_block(options).splitlines() if line.lstrip().startswith("#")}
    for route, offset in sorted(_keys(source, key), key=lambda each: -each[1]):
        start = source.line_start(offset)
        first = _comments_above(source, start)
        above = text[first:start].splitlines(keepends=True)
        if any(line.lstrip().startswith(_DOCS_MARK.rstrip()) for line in above):
            continue
        pad = " " * (offset - start)
        if above and all(line.strip() in own for line in above):
            text = text[:first] + above[0].replace("# ", _DOCS_MARK, 1) + text[first + len(above[0]) :]
        elif description := _DESCRIPTIONS.get(("*",) if route == (options.toggle,) else route):
            text = f"{text[:start]}{pad}{_DOCS_MARK}{description}{source.newline}{text[start:]}"
    return text.encode()


def description_of(route: Route) -> tuple[str, ...]:
    """The line that `--helm-docs` writes above the setting at this route below the block, if it has no other."""
    description = _DESCRIPTIONS.get(tuple(map(str, route)))
    return (f"{_DOCS_MARK}{description}",) if description else ()


def _keys(source: Source, key: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """The routes below the block, and the offsets of their keys, of the settings that have a line each."""
    block = find(source, (key,), _PATH).node
    for name, value in block.value:
        if str(name.value) in _MAPS and value.id == "mapping" and not is_flow(value):
            # Described by its settings: helm-docs shows a described map as one row of JSON.
            for inner, _ in value.value:
                yield (str(name.value), str(inner.value)), inner.start_mark.index
        else:
            yield (str(name.value),), name.start_mark.index


def _comments_above(source: Source, start: int) -> int:
    """The start of the comments directly above the line at `start`, without those that chartgen reads itself."""
    while start:
        above = source.line_start(start - (2 if source.text.endswith("\r\n", 0, start) else 1))
        line = source.text[above:start].strip()
        if not line.startswith("#") or line.startswith(_OF_ADD_CANARY):
            return start
        start = above
    return start
