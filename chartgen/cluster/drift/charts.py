"""The chart versions that a YAML file sets for an app, whatever they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.cluster.drift.sites import segments
from chartgen.edits.yaml_source import composed
from chartgen.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSION_KEYS = ("version", "targetRevision")
_DEPTH = 60


def chart_versions(apps: frozenset[str], path: str, text: str) -> dict[str, str]:
    """Chart → version, of the maps with both, in a file whose documents name the app."""
    found: dict[str, str] = {}
    for segment in segments(text):
        try:
            roots = composed(segment, path, expands=True)
        except ConflictError:
            continue
        for root in roots:
            pairs = list(_pairs(root, 0))
            texts = {value for _, siblings in pairs for value in siblings.values()}
            if apps & texts:
                found |= {_last(siblings["chart"]): value for value, siblings in pairs if siblings.get("chart")}
    return found


def _pairs(node: Any, depth: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Each version, or an empty text, with the scalars beside it."""
    if depth > _DEPTH:
        return
    if node.id == "sequence":
        for item in node.value:
            yield from _pairs(item, depth + 1)
    elif node.id == "mapping":
        siblings = {key.value: value.value for key, value in node.value if key.id == value.id == "scalar"}
        version = next((siblings[key] for key in _VERSION_KEYS if key in siblings), "")
        yield version, siblings if version else {**siblings, "chart": ""}
        for _, value in node.value:
            yield from _pairs(value, depth + 1)


def _last(chart: str) -> str:
    return chart.rstrip("/").rpartition("/")[2]
