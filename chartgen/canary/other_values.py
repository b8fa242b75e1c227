"""Values files besides the chart's own that set the canary's keys: of environments, CI, and charts around it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.errors import InputError
from chartgen.inputs.boundary import boundary_around, is_below
from chartgen.inputs.files import read_beside
from chartgen.inputs.yaml import yaml_document
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.chart import Chart

_VALUES = lazy_pattern(r"(?:.*[-._])?values(?:[-._].*)?\.ya?ml", re.IGNORECASE)
_NOT_VALUES = ("templates/", "charts/", "crds/")
_SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__", ".tox"})
# A repository of more folders is searched up to here.
_MOST_FOLDERS = 2_000
_MOST_FILES = 400


@dataclass(frozen=True, slots=True)
class OtherValues:
    """A values file, by its path from the working directory, and the keys it sets (`canary.enable`)."""

    path: str
    keys: tuple[str, ...]


def other_values(chart: Chart, key: str) -> Iterator[OtherValues]:
    """The values files of the chart, and those of the repository around it for this chart, that set `key`."""
    for path in sorted(chart.files):
        if path.endswith((".yaml", ".yml")) and not path.startswith(_NOT_VALUES) and path != "values.yaml":
            found = _keys(_read(chart.files[path]), (key,))
            if found and path not in {"Chart.yaml", "requirements.yaml"}:
                yield OtherValues((chart.root / path).as_posix(), found)
    yield from _around(chart, key)


def _around(chart: Chart, key: str) -> Iterator[OtherValues]:
    """In the repository: `key` in files of no chart and in those that .helmignore leaves out of this one.

    In the files of other charts: `key` below this chart's name or alias.
    """
    own = Path(os.path.realpath(chart.root))
    root = Path(boundary_around(own).root)
    for folder, name in _values_files(root):
        inside = (folder / name).relative_to(own).as_posix() if is_below(str(folder), str(own)) else None
        if inside is not None and (inside in chart.files or inside.startswith(_NOT_VALUES)):
            continue
        try:
            document = _read(read_beside(folder, name))
        except InputError:
            continue
        names = None if inside is not None else _names_in(folder, root, chart.name)
        routes = [(name, key) for name in names or (chart.name,)] + ([] if names is not None else [(key,)])
        found = tuple(key for route in routes for key in _keys(document, route))
        if found:
            yield OtherValues(os.path.relpath(folder / name), found)


def _values_files(root: Path) -> Iterator[tuple[Path, str]]:
    files = 0
    for folders, (folder, below, names) in enumerate(os.walk(root), start=1):
        here = Path(folder)
        below[:] = sorted(name for name in below if name not in _SKIPPED)
        for name in sorted(filter(_VALUES.fullmatch, names)):
            files += 1
            if files > _MOST_FILES:
                return
            yield here, name
        if folders >= _MOST_FOLDERS:
            return


def _names_in(folder: Path, root: Path, name: str) -> list[str] | None:
    """Under which keys the chart around `folder` sets the values of the chart `name`; None if there is no chart."""
    for candidate in (folder, *folder.parents):
        if (candidate / "Chart.yaml").is_file():
            return [name, *_aliases(candidate, name)]
        if candidate == root:
            break
    return None


def _aliases(folder: Path, name: str) -> Iterator[str]:
    for file in ("Chart.yaml", "requirements.yaml"):
        try:
            document = _read(read_beside(folder, file))
        except InputError:
            continue
        dependencies = document.get("dependencies")
        for dependency in dependencies if isinstance(dependencies, list) else ():
            if isinstance(dependency, dict) and dependency.get("name") == name and dependency.get("alias"):
                yield str(dependency["alias"])


def _read(data: bytes) -> Mapping[str, Any]:
    """The file as a map, empty if it isn't one."""
    try:
        document = yaml_document(data.decode("utf-8-sig", "replace"))
    except InputError:
        return {}
    return document if isinstance(document, dict) else {}


def _keys(document: Mapping[str, Any], route: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that the document sets at `route`, with their path; the route itself if it isn't a map."""
    node: Any = document
    for step in route:
        if not isinstance(node, dict) or step not in node:
            return ()
        node = node[step]
    path = ".".join(route)
    return tuple(f"{path}.{key}" for key in node) if isinstance(node, dict) and node else (path,)
