"""Adds `metadata.namespace` to a rendered document, without changing any other byte of its text."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from chartgen.charts.plain_yaml import UnsureError, plain_node
from chartgen.errors import InputError, RenderError

if TYPE_CHECKING:
    from chartgen.manifests.manifest import Manifest


def with_namespace(manifest: Manifest, namespace: str) -> str:
    """The document's text with `namespace`, unless it has one already."""
    if manifest.namespace:
        return manifest.text
    text = manifest.text
    return _plainly_added(text, namespace) or _added(_composed(manifest), text, namespace)


def _plainly_added(text: str, namespace: str) -> str | None:
    """The text with `namespace` as the first entry of a block of metadata without one; None for any other text."""
    try:
        root = plain_node(text)
    except UnsureError:
        return None
    metadata = next((value for key, value in root.value if key.value == "metadata"), None)
    if metadata is None or metadata.id != "mapping" or not metadata.value:
        return None
    if any(key.value == "namespace" for key, _ in metadata.value):
        return None
    first = metadata.value[0][0].start_mark
    lines = text.split("\n")
    return "\n".join((*lines[: first.line], f"{' ' * first.column}namespace: {namespace}", *lines[first.line :]))


def _added(root: Any, text: str, namespace: str) -> str:
    metadata = next((value for key, value in root.value if key.value == "metadata"), None)
    if metadata is None or metadata.id != "mapping":
        return f"metadata:\n  namespace: {namespace}\n{text}"
    for key, value in metadata.value:
        if key.value == "namespace":
            return _filled(text, key, value, namespace)
    if metadata.flow_style or root.flow_style:
        at = metadata.start_mark.index + 1
        comma = "," if metadata.value else ""
        return f'{text[:at]}"namespace": "{namespace}"{comma}{text[at:]}'
    first = metadata.value[0][0].start_mark
    line = text.rfind("\n", 0, first.index) + 1
    return f"{text[:line]}{' ' * first.column}namespace: {namespace}\n{text[line:]}"


def _composed(manifest: Manifest) -> Any:
    from chartgen.inputs.yaml import yaml_node

    try:
        # go-yaml takes a tab between tokens, ruamel does not. A space in its place moves nothing.
        return yaml_node(manifest.text.replace("\t", " "))
    except InputError as error:
        raise RenderError(
            f"{manifest.template}: {manifest.kind} {manifest.name}: its namespace cannot be added: {error.message}",
            hint="write `namespace: {{ .Release.Namespace }}` into its metadata",
        ) from error


def _filled(text: str, key: Any, value: Any, namespace: str) -> str:
    """The text with the empty value of `namespace:` filled in; a second `namespace:` above it would have no effect."""
    start, end = value.start_mark.index, value.end_mark.index
    if start == end:
        start = end = text.index(":", key.end_mark.index) + 1
    return f"{text[:start].rstrip()} {namespace}{text[end:]}"


def body_with_namespace(manifest: Manifest, namespace: str) -> dict[str, Any]:
    """The document's body with `namespace`, unless it has one already."""
    body = copy.deepcopy(dict(manifest.body))
    metadata = body.get("metadata")
    body["metadata"] = {
        **(metadata if isinstance(metadata, dict) else {}),
        "namespace": manifest.namespace or namespace,
    }
    return body
