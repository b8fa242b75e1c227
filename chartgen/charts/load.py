"""Loading a chart from disk into memory: a folder or a packaged `.tgz`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from chartgen.charts.chart import Chart
from chartgen.charts.folder import folder_files
from chartgen.charts.plain_metadata import plain_metadata
from chartgen.errors import ChartError, InputError
from chartgen.inputs.archive import ARCHIVES, repacked, unpacked
from chartgen.inputs.files import read_named, text_of
from chartgen.inputs.limits import CHART_BYTES, Tally
from chartgen.inputs.names import checked_name, printable
from chartgen.inputs.reads import was_read


def load_chart(path: Path | str, argument: Path | None = None) -> Chart:
    """The chart at `path`, a folder with a Chart.yaml or a `.tgz`; ChartError says why it can't be loaded.

    `argument` is the folder on the command line in which the chart was found: if no folder around the chart has a
    `.git`, it is the boundary for links.
    """
    path = Path(path)
    packaged = os.path.isfile(path) and path.name.endswith(ARCHIVES)
    if not packaged and not os.path.isdir(path):
        fault = "is neither a chart folder nor a .tgz" if os.path.lexists(path) else "folder or archive not found"
        raise ChartError(f"{printable(str(path))}: {fault}", hint="pass the folder with Chart.yaml")
    files = _files(path, argument, packaged=packaged)
    if "Chart.yaml" not in files:
        raise ChartError(f"{path}: has no Chart.yaml", hint="pass the folder with Chart.yaml")
    meta = _metadata(path, files["Chart.yaml"])
    name = meta.get("name")
    if not isinstance(name, str) or not name:
        raise ChartError(f"{path}/Chart.yaml: has no name", hint="add `name:` to Chart.yaml")
    return Chart(path, _named(path, name), files, packaged, meta.get("type") == "library")


def _files(path: Path, argument: Path | None, *, packaged: bool) -> dict[str, bytes]:
    tally = Tally(printable(str(path)))
    was_read(os.path.realpath(path))
    try:
        if packaged:
            return unpacked(read_named(path, CHART_BYTES), printable(str(path)), tally).files
        return repacked(dict(folder_files(path, argument, tally)), printable(str(path)), tally)
    except InputError as error:
        raise ChartError(error.message, hint=error.hint) from error


def _named(path: Path, name: str) -> str:
    """The chart's name, checked because both engines use it as a folder name."""
    if "/" in name or name in {".", ".."}:
        raise ChartError(f"{path}/Chart.yaml: name {name!r} is a path", hint="name the chart by one word")
    try:
        return checked_name(name, f"{path}/Chart.yaml: name")
    except InputError as error:
        raise ChartError(error.message, hint="name the chart by one word") from error


def _metadata(path: Path, data: bytes) -> dict[str, Any]:
    """The content of Chart.yaml; of a plain one, which has no lists, only `name` and `type`."""
    plain = plain_metadata(data)
    if plain is not None:
        return plain
    file = f"{path}/Chart.yaml"
    try:
        text = text_of(data, file)
    except InputError as error:
        raise ChartError(error.message, hint=error.hint) from error
    from chartgen.inputs.yaml import yaml_document

    try:
        read = yaml_document(text)
    except InputError as error:
        raise ChartError(error.at(file), hint=error.hint, line=error.line, column=error.column) from error
    if not isinstance(read, dict):
        raise ChartError(f"{path}/Chart.yaml: not a map of the chart's name, version …")
    return read


def missing_dependencies(chart: Chart) -> list[str]:
    """Names of the dependencies that Chart.yaml (or requirements.yaml) declares and `charts/` doesn't contain."""
    from chartgen.errors import ChartgenError

    declared: list[Any] = []
    for path in ("Chart.yaml", "requirements.yaml"):
        if path in chart.files:
            try:
                named = _metadata(chart.root, chart.files[path]).get("dependencies")
                declared += named if isinstance(named, list) else []
            except ChartgenError:
                continue
    present = _vendored_names(chart)
    names = [
        str(dependency.get("name"))
        for dependency in declared
        if isinstance(dependency, dict) and dependency.get("name")
    ]
    return sorted({name for name in names if name not in present})


def _vendored_names(chart: Chart) -> set[str]:
    """Chart names in `charts/`: folders by their Chart.yaml, archives by their file name."""
    found: set[str] = set()
    for path in chart.files:
        parts = path.split("/")
        if parts[0] != "charts" or len(parts) < 2:  # noqa: PLR2004 - charts/NAME
            continue
        if len(parts) == 2 and path.endswith(ARCHIVES):  # noqa: PLR2004 - charts/NAME-1.2.3.tgz
            found.add(_archive_name(parts[1]))
        elif parts[2:] == ["Chart.yaml"]:
            found.add(str(_metadata(chart.root, chart.files[path]).get("name")))
    return found


def _archive_name(file_name: str) -> str:
    """`redis` for `redis-12.3.4-rc.1.tgz`: everything before the first `-` with a digit after it."""
    stem = file_name.removesuffix(".tgz").removesuffix(".tar.gz")
    for index, character in enumerate(stem[:-1]):
        if character == "-" and (stem[index + 1].isdigit() or stem[index + 1 : index + 3].strip("v")[:1].isdigit()):
            return stem[:index]
    return stem
