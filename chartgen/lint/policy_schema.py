"""The JSON Schema that a policy names: read from a file, its references followed to other files and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chartgen.errors import UsageError
from chartgen.lint.config_document import yaml_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_HINT = "policy.schema is a JSON Schema in a file, with references to files only"


def read_policy_schema(path: Path) -> Mapping[str, Any]:
    """The schema, complete in itself: what it refers to stands under `$defs`. UsageError says what is in the way."""
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for

    bundle: dict[str, Any] = {}
    schema: dict[str, Any] = _with_local_references(_read(path), path, bundle)
    if bundle:
        schema["$defs"] = {**schema.get("$defs", {}), **bundle}
    try:
        validator_for(schema).check_schema(schema)
    except SchemaError as error:
        raise UsageError(f"{path}: is no JSON Schema: {error.message}", hint=_HINT) from error
    return schema


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml_of(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {' '.join(str(error).split())}", hint=_HINT) from error
    if not isinstance(document, dict):
        raise UsageError(f"{path}: is no JSON Schema, but a {type(document).__name__}", hint=_HINT)
    return document


def _with_local_references(node: Any, path: Path, bundle: dict[str, Any], home: str = "#") -> Any:
    """`node` of the file `path`, whose own `#/…` references are found below `home` in the bundle."""
    if isinstance(node, list):
        return [_with_local_references(one, path, bundle, home) for one in node]
    if not isinstance(node, dict):
        return node
    result = {key: _with_local_references(value, path, bundle, home) for key, value in _entries(node)}
    if isinstance(node.get("$ref"), str):
        result["$ref"] = _reference(node["$ref"], path, bundle, home)
    return result


def _entries(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    # An `$id` would send relative references elsewhere; all of them are found by file.
    return ((key, value) for key, value in node.items() if not (key == "$id" and isinstance(value, str)))


def _reference(reference: str, path: Path, bundle: dict[str, Any], home: str) -> str:
    parts = urlsplit(reference)
    if parts.scheme or parts.netloc:
        raise UsageError(f"{path}: $ref {reference} is remote, and nothing remote is fetched", hint=_HINT)
    pointer = parts.fragment
    if not parts.path:
        return f"{home}{pointer}" if home != "#" else f"#{pointer}"
    other = (path.parent / parts.path).resolve()
    name = f"file:{other}"
    place = f"#/$defs/{name.replace('~', '~0').replace('/', '~1')}"
    if name not in bundle:
        bundle[name] = {}  # It may refer to itself.
        bundle[name] = _with_local_references(_read(other), other, bundle, place)
    return f"{place}{pointer}"
