"""The releases of a helmfile without templates."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.config.document import yaml_of
from chartgen.config.release_spec import ReleaseSpec, Values, read_text
from chartgen.config.yaml_block import blank_before, entries, items, nodes_of, standalone_text
from chartgen.errors import InputError, UsageError
from chartgen.inputs.boundary import is_below
from chartgen.inputs.files import read_confined, text_of
from chartgen.inputs.reads import was_looked_for
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ruamel.yaml.nodes import Node

    from chartgen.inputs.boundary import Boundary

_NAME_IT = "name its values files under values"
_PACKAGED = lazy_pattern(r"(?P<name>.+?)-v?\d+\.\d+.*\.t(?:ar\.)?gz")
# A missing values file is an error for helmfile too, unless one of these is its missingFileHandler.
_MAY_BE_MISSING = ("Warn", "Info", "Debug")


def helmfile_releases(path: Path, wanted: str | None, chart: Path, boundary: Boundary) -> Iterator[ReleaseSpec]:
    """Its releases named `wanted`, or those that install `chart`, including those of the helmfiles it names.

    UsageError if there is none, or if a file has templates.
    """
    found = [
        _release_spec(file, release, node)
        for file in _files(path, boundary)
        for release, node in file.releases
        if _matches(file, release, wanted, chart)
    ]
    if not found:
        wanted_release = f"named {wanted}" if wanted else f"of the chart {chart.name}"
        raise UsageError(f"{_relative(path)}: no release {wanted_release}", hint="set name: RELEASE next to helmfile:")
    yield from found


@dataclass(frozen=True, slots=True)
class _Helmfile:
    """One file: its text, the merged settings of all its documents, and its releases with their nodes."""

    path: Path
    boundary: Boundary
    text: str
    settings: Mapping[str, Any]
    releases: tuple[tuple[Mapping[str, Any], Node], ...]


def _files(path: Path, boundary: Boundary, parents: tuple[Path, ...] = ()) -> Iterator[_Helmfile]:
    shown = _relative(path)
    if shown in parents:
        return
    text = read_text(path.parent, path.name, "helmfile", boundary)
    if "{{" in text:
        raise UsageError(f"{shown}: helmfiles with templates aren't supported", hint=_NAME_IT)
    documents = _documents(shown, text)
    settings = {key: value for document, _ in documents for key, value in document.items()}
    releases = tuple(pair for document, node in documents for pair in _pairs(document, node))
    yield _Helmfile(shown, boundary, text, settings, releases)
    for document, _ in documents:
        for nested in _nested(shown.parent, document.get("helmfiles"), boundary):
            yield from _files(nested, boundary, (*parents, shown))


def _documents(path: Path, text: str) -> list[tuple[Mapping[str, Any], Node]]:
    try:
        nodes = nodes_of(text)
        loaded = [yaml_of(blank_before(text, node)) for node in nodes if entries(node)]
    except ValueError as error:
        raise UsageError(
            f"{path}: cannot be read: {' '.join(str(error).split())}", hint="fix the YAML, then run again"
        ) from error
    return list(zip(loaded, [node for node in nodes if entries(node)], strict=True))


def _pairs(document: Mapping[str, Any], node: Node) -> Iterator[tuple[Mapping[str, Any], Node]]:
    releases = document.get("releases")
    nodes = items(entries(node).get("releases"))
    for release, release_node in zip(releases if isinstance(releases, list) else (), nodes, strict=False):
        if isinstance(release, dict) and release.get("installed") is not False:
            yield release, release_node


def _nested(folder: Path, given: Any, boundary: Boundary) -> Iterator[Path]:
    """The helmfiles that a helmfile names, each by a path or a glob; remote and absolute ones are skipped."""
    for entry in given if isinstance(given, list) else ():
        name = entry.get("path") if isinstance(entry, dict) else entry
        if isinstance(name, str) and "::" not in name and not Path(name).is_absolute():
            start = os.path.normpath(f"{os.path.realpath(folder)}/{name}")
            if "**" in name or not is_below(start, boundary.root):
                raise UsageError(
                    f"{folder / name}: helmfiles outside the repository and globs with ** aren't supported",
                    hint=_NAME_IT,
                )
            was_looked_for(str(folder / name))
            yield from sorted(folder.glob(name))


def _matches(file: _Helmfile, release: Mapping[str, Any], wanted: str | None, chart: Path) -> bool:
    if wanted:
        return release.get("name") == wanted
    given = str(release.get("chart", "")).rstrip("/")
    if not given or given.rsplit("/", 1)[-1] in _names(chart):
        return bool(given)
    was_looked_for(str(file.path.parent / given))
    return (file.path.parent / given).resolve() == chart.resolve()


def _names(chart: Path) -> set[str]:
    """The names for a chart: its folder, its name, and an archive's name without the version."""
    archive = _PACKAGED.fullmatch(chart.name)
    names = {chart.name, archive["name"] if archive else chart.name}
    try:
        metadata = yaml_of(text_of(read_confined(chart / "Chart.yaml"), chart))
    except (InputError, ValueError):
        return names
    return names | {str(metadata.get("name"))} if isinstance(metadata, dict) else names


def _release_spec(file: _Helmfile, release: Mapping[str, Any], node: Node) -> ReleaseSpec:
    handler = release.get("missingFileHandler", file.settings.get("missingFileHandler"))
    values = Values()
    given, nodes = release.get("values"), items(entries(node).get("values"))
    for value, value_node in zip(given if isinstance(given, list) else (), nodes, strict=False):
        if isinstance(value, dict):
            values = values.with_map(file.path.as_posix(), standalone_text(file.text, value_node, value), value)
        else:
            values = _with_file(values, file, str(value), may_be_missing=handler in _MAY_BE_MISSING)
    # state.go:ApplyOverrides: the helmfile's own namespace overrides the release's.
    namespace, name = file.settings.get("namespace") or release.get("namespace"), release.get("name")
    return ReleaseSpec(
        values,
        tuple(_sets(release)),
        namespace=str(namespace) if namespace else None,
        name=str(name) if name else None,
    )


def _with_file(values: Values, file: _Helmfile, name: str, *, may_be_missing: bool) -> Values:
    path = _relative(file.path.parent / name)
    was_looked_for(str(path))
    if may_be_missing and not os.path.lexists(path):
        return values
    text = "" if path.suffix == ".gotmpl" else read_text(file.path.parent, name, "values", file.boundary)
    if path.suffix == ".gotmpl" or "{{" in text:
        raise UsageError(f"{path}: values with templates aren't supported", hint=_NAME_IT)
    return values.with_file(path.as_posix(), text)


def _sets(release: Mapping[str, Any]) -> Iterator[str]:
    given = release.get("set")
    for entry in given if isinstance(given, list) else ():
        if isinstance(entry, dict) and "name" in entry and "value" in entry:
            value = entry["value"] if isinstance(entry["value"], str) else str(entry["value"]).lower()
            yield f"{entry['name']}={value.replace(',', chr(92) + ',')}"


def _relative(path: Path) -> Path:
    return Path(os.path.relpath(path))
