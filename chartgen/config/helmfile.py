"""The releases of a helmfile, as far as it is plain YAML."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.config.document import yaml_of
from chartgen.config.release_spec import ReleaseSpec, Values, read_text
from chartgen.config.yaml_block import alone, cut, entries, items, nodes_of
from chartgen.errors import InputError, UsageError
from chartgen.inputs.boundary import is_below
from chartgen.inputs.files import read_confined, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ruamel.yaml.nodes import Node

    from chartgen.inputs.boundary import Boundary

_NAME_IT = "name its values files under values"
_PACKAGED = re.compile(r"(?P<name>.+?)-v?\d+\.\d+.*\.t(?:ar\.)?gz")
# A missing values file is an error for helmfile too, unless one of these is its missingFileHandler.
_MAY_BE_MISSING = ("Warn", "Info", "Debug")


def helmfile_releases(path: Path, wanted: str | None, chart: Path, boundary: Boundary) -> Iterator[ReleaseSpec]:
    """Its releases called `wanted`, or those that install `chart`, also of the helmfiles below it.

    UsageError where there is none, or where templates say what there is.
    """
    found = [
        _asked(file, one)
        for file in _files(path, boundary)
        for one in file.releases
        if _is_meant(file, one, wanted, chart)
    ]
    if not found:
        wanted_release = f"named {wanted}" if wanted else f"of the chart {chart.name}"
        raise UsageError(f"{_near(path)}: no release {wanted_release}", hint="set name: RELEASE next to helmfile:")
    yield from found


@dataclass(frozen=True, slots=True)
class _Helmfile:
    """One file: its text, its settings laid together from all its documents, and its releases with their nodes."""

    place: Path
    boundary: Boundary
    text: str
    settings: Mapping[str, Any]
    releases: tuple[tuple[Mapping[str, Any], Node], ...]


def _files(path: Path, boundary: Boundary, seen: tuple[Path, ...] = ()) -> Iterator[_Helmfile]:
    place = _near(path)
    if place in seen:
        return
    text = read_text(path.parent, path.name, "helmfile", boundary)
    if "{{" in text:
        raise UsageError(f"{place}: helmfiles with templates aren't supported", hint=_NAME_IT)
    documents = _documents(place, text)
    settings = {key: value for document, _ in documents for key, value in document.items()}
    releases = tuple(one for document, node in documents for one in _pairs(document, node))
    yield _Helmfile(place, boundary, text, settings, releases)
    for document, _ in documents:
        for below in _below(place.parent, document.get("helmfiles"), boundary):
            yield from _files(below, boundary, (*seen, place))


def _documents(place: Path, text: str) -> list[tuple[Mapping[str, Any], Node]]:
    try:
        nodes = nodes_of(text)
        loaded = [yaml_of(cut(text, node)) for node in nodes if entries(node)]
    except ValueError as error:
        raise UsageError(
            f"{place}: cannot be read: {' '.join(str(error).split())}", hint="fix the YAML, then run again"
        ) from error
    return list(zip(loaded, [node for node in nodes if entries(node)], strict=True))


def _pairs(document: Mapping[str, Any], node: Node) -> Iterator[tuple[Mapping[str, Any], Node]]:
    releases = document.get("releases")
    for release, at in zip(
        releases if isinstance(releases, list) else (), items(entries(node).get("releases")), strict=False
    ):
        if isinstance(release, dict) and release.get("installed") is not False:
            yield release, at


def _below(folder: Path, given: Any, boundary: Boundary) -> Iterator[Path]:
    """The helmfiles a helmfile names, globs of one folder each allowed; those of other repositories are passed over."""
    for one in given if isinstance(given, list) else ():
        name = one.get("path") if isinstance(one, dict) else one
        if isinstance(name, str) and "::" not in name and not Path(name).is_absolute():
            start = os.path.normpath(f"{os.path.realpath(folder)}/{name}")
            if "**" in name or not is_below(start, boundary.root):
                raise UsageError(
                    f"{folder / name}: helmfiles out of the repository or below ** are not read", hint=_NAME_IT
                )
            yield from sorted(folder.glob(name))


def _is_meant(file: _Helmfile, one: tuple[Mapping[str, Any], Node], wanted: str | None, chart: Path) -> bool:
    release = one[0]
    if wanted:
        return release.get("name") == wanted
    given = str(release.get("chart", "")).rstrip("/")
    return bool(given) and (
        given.rsplit("/", 1)[-1] in _names(chart) or (file.place.parent / given).resolve() == chart.resolve()
    )


def _names(chart: Path) -> set[str]:
    """What a chart may be called: its folder, its name, and an archive's name without the version."""
    archive = _PACKAGED.fullmatch(chart.name)
    names = {chart.name, archive["name"] if archive else chart.name}
    try:
        described = yaml_of(text_of(read_confined(chart / "Chart.yaml"), chart))
    except (InputError, ValueError):
        return names
    return names | {str(described.get("name"))} if isinstance(described, dict) else names


def _asked(file: _Helmfile, one: tuple[Mapping[str, Any], Node]) -> ReleaseSpec:
    release, node = one
    handler = release.get("missingFileHandler", file.settings.get("missingFileHandler"))
    values = Values()
    given = release.get("values")
    for value, at in zip(given if isinstance(given, list) else (), items(entries(node).get("values")), strict=False):
        if isinstance(value, dict):
            values = values.with_map(file.place.as_posix(), alone(file.text, at, value), value)
        else:
            values = _with_file(values, file, str(value), may_be_missing=handler in _MAY_BE_MISSING)
    # state.go:ApplyOverrides: the namespace of the helmfile itself wins over the release's.
    namespace, name = file.settings.get("namespace") or release.get("namespace"), release.get("name")
    return ReleaseSpec(
        values, tuple(_sets(release)), str(namespace) if namespace else None, str(name) if name else None
    )


def _with_file(values: Values, file: _Helmfile, name: str, *, may_be_missing: bool) -> Values:
    place = _near(file.place.parent / name)
    if may_be_missing and not os.path.lexists(place):
        return values
    text = read_text(file.place.parent, name, "values", file.boundary)
    if place.suffix == ".gotmpl" or "{{" in text:
        raise UsageError(f"{place}: values with templates aren't supported", hint=_NAME_IT)
    return values.with_file(place.as_posix(), text)


def _sets(release: Mapping[str, Any]) -> Iterator[str]:
    given = release.get("set")
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict) and "name" in one and "value" in one:
            value = one["value"] if isinstance(one["value"], str) else str(one["value"]).lower()
            yield f"{one['name']}={value.replace(',', chr(92) + ',')}"


def _near(path: Path) -> Path:
    return Path(os.path.relpath(path))
