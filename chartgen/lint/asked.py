"""The releases that a configuration names: values files, blocks of an environment's values, releases of a helmfile."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.lint.config_document import yaml_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BESIDE = "paths are relative to the configuration"


@dataclass(frozen=True, slots=True)
class AskedRelease:
    """A release to lint. `files` are paths from here; `edited` pairs those of which only a block counts with its text.

    `overlay` are values that stand in no file of their own.
    """

    files: tuple[str, ...] = ()
    edited: tuple[tuple[str, str], ...] = ()
    overlay: Mapping[str, Any] = field(default_factory=dict)
    namespace: str | None = None
    name: str | None = None


def asked_releases(path: Path, given: Any, chart: str) -> Iterator[AskedRelease]:
    """The entries of `releases` in the configuration `path`, each in each of its namespaces.

    `chart` is the name of the chart's folder: of a helmfile, those releases count that install it.
    """
    for entry in given:
        files, edited = _files(path.parent, entry.get("values", ()))
        for namespace in entry.get("namespaces", (None,)):
            if "helmfile" not in entry:
                yield AskedRelease(files, edited, {}, namespace, entry.get("name"))
                continue
            for one in _of_helmfile(path.parent / entry["helmfile"], entry.get("name"), chart):
                yield AskedRelease((*one.files, *files), edited, one.overlay, namespace or one.namespace, one.name)


def _files(folder: Path, named: Any) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The files of `values:` and the texts of those of which a block is meant, `file#key`."""
    files: list[str] = []
    edited: list[tuple[str, str]] = []
    for name in named:
        file, _, key = name.partition("#")
        place = os.path.relpath(folder / file)
        text = _read(Path(place), f"values {name}")
        files.append(place)
        if key:
            edited.append((place, block_of(text, key, place)))
    return tuple(files), tuple(edited)


def block_of(text: str, key: str, place: str) -> str:
    """Only the lines below the top-level `key:`, each at its own line and column; UsageError where there is no block.

    An environment repository of Jenkins X holds the values of each app under the app's name.
    """
    lines = text.splitlines(keepends=True)
    opening = re.compile(rf"""(?:{re.escape(key)}|"{re.escape(key)}"|'{re.escape(key)}')\s*:\s*(?:#.*)?$""")
    start = next((number for number, line in enumerate(lines) if opening.match(line.rstrip("\r\n"))), None)
    if start is None:
        raise UsageError(f"{place}: there is no block `{key}:` of its own lines", hint="name a top-level key: file#key")
    inside = False
    kept: list[str] = []
    for number, line in enumerate(lines):
        if number == start:
            inside = True
        elif inside and line.strip() and not line[0].isspace() and not line.startswith("#"):
            inside = False
        kept.append(line if inside and number > start else _blank(line))
    return "".join(kept)


def _blank(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _of_helmfile(path: Path, wanted: str | None, chart: str) -> Iterator[AskedRelease]:
    """The releases of a helmfile that is plain YAML: those called `wanted`, or those of the chart."""
    place = os.path.relpath(path)
    text = _read(Path(place), "helmfile")
    if "{{" in text:
        raise UsageError(
            f"{place}: a helmfile with templates cannot be read", hint="name its values files under values"
        )
    try:
        document = yaml_of(text)
    except ValueError as error:
        raise UsageError(f"{place}: cannot be read: {' '.join(str(error).split())}", hint="correct it") from error
    releases = document.get("releases") if isinstance(document, dict) else None
    found = [one for one in releases or () if isinstance(one, dict) and _is_meant(one, wanted, chart)]
    if not found:
        told = f"called {wanted}" if wanted else f"of the chart {chart}"
        raise UsageError(f"{place}: there is no release {told}", hint="say name: RELEASE beside helmfile:")
    for one in found:
        yield _of_release(Path(place), one)


def _is_meant(release: Mapping[str, Any], wanted: str | None, chart: str) -> bool:
    if wanted:
        return release.get("name") == wanted
    return str(release.get("chart", "")).rstrip("/").rsplit("/", 1)[-1] == chart


def _of_release(helmfile: Path, release: Mapping[str, Any]) -> AskedRelease:
    files: list[str] = []
    overlay: dict[str, Any] = {}
    for value in release.get("values") or ():
        if isinstance(value, dict):
            overlay = {**overlay, **value}
        else:
            files.append(os.path.relpath(helmfile.parent / str(value)))
            _read(Path(files[-1]), f"{helmfile}: values")
    namespace, name = release.get("namespace"), release.get("name")
    return AskedRelease(tuple(files), (), overlay, str(namespace) if namespace else None, str(name) if name else None)


def _read(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8"
        raise UsageError(f"{path}: {what} cannot be read: {reason}", hint=_BESIDE) from error
