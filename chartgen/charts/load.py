"""A chart from disk: a folder, or a packaged `.tgz`, read into memory once."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.charts.chart import Chart
from chartgen.charts.ignore import Ignore
from chartgen.errors import ChartError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_BYTES = 256 * 1024 * 1024
_ARCHIVES = (".tgz", ".tar.gz")


def load_chart(path: Path | str) -> Chart:
    """The chart at `path`, a folder with a Chart.yaml or a `.tgz`; ChartError says what is wrong with it."""
    path = Path(path)
    packaged = path.is_file() and path.name.endswith(_ARCHIVES)
    if not packaged and not path.is_dir():
        told = "is no folder and no .tgz" if path.exists() else "there is no such folder or archive"
        raise ChartError(f"{path}: {told}", hint="give the folder that holds Chart.yaml")
    files = dict(_from_archive(path) if packaged else _from_folder(path))
    if "Chart.yaml" not in files:
        raise ChartError(f"{path}: there is no Chart.yaml in it", hint="give the folder that holds Chart.yaml")
    meta = _metadata(path, files["Chart.yaml"])
    name = meta.get("name")
    if not isinstance(name, str) or not name:
        raise ChartError(f"{path}/Chart.yaml: it names no chart", hint="add `name:` to Chart.yaml")
    return Chart(path, name, files, packaged, meta.get("type") == "library")


def _metadata(path: Path, data: bytes) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        read = YAML(typ="safe", pure=True).load(data)
    except (YAMLError, UnicodeDecodeError, ValueError) as error:
        raise ChartError(f"{path}/Chart.yaml: not readable YAML: {_first_line(error)}") from error
    if not isinstance(read, dict):
        raise ChartError(f"{path}/Chart.yaml: not a map of the chart's name, version …")
    return read


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _from_folder(root: Path) -> Iterator[tuple[str, bytes]]:
    ignore = Ignore(_text_of(root / ".helmignore"))
    total = 0
    for path in _walk(root, "", ignore, frozenset()):
        try:
            data = (root / path).read_bytes()
        except OSError as error:
            raise ChartError(f"{root / path}: cannot be read: {error.strerror}") from error
        total += len(data)
        if total > _MOST_BYTES:
            raise ChartError(f"{root}: more than {_MOST_BYTES >> 20} MiB", hint="add a .helmignore, as Helm wants too")
        yield path, data


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _walk(root: Path, below: str, ignore: Ignore, seen: frozenset[str]) -> Iterator[str]:
    """Paths of the files Helm loads; symbolic links are followed as Helm does, each folder once on the way down."""
    folder = root / below if below else root
    real = os.path.realpath(folder)
    if real in seen:
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise ChartError(f"{folder}: cannot be read: {error.strerror}") from error
    for entry in entries:
        path = f"{below}/{entry.name}" if below else entry.name
        if entry.is_dir():
            if entry.name != ".git" and not ignore.ignores(path, is_folder=True):
                yield from _walk(root, path, ignore, seen | {real})
        elif entry.is_file() and (path == "Chart.yaml" or not ignore.ignores(path, is_folder=False)):
            yield path


def _from_archive(path: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a packaged chart without its leading folder, as Helm reads it."""
    total = 0
    try:
        with tarfile.open(path, mode="r:*") as archive:
            for member in archive:
                name = member.name.replace("\\", "/").removeprefix("./")
                inside = name.split("/", 1)[1] if "/" in name else ""
                total += member.size
                if total > _MOST_BYTES:
                    raise ChartError(f"{path}: unpacks to more than {_MOST_BYTES >> 20} MiB")
                content = archive.extractfile(member) if member.isfile() and inside else None
                if content is not None and ".." not in inside.split("/"):
                    yield inside, content.read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ChartError(f"{path}: not a readable chart archive: {error}") from error


def missing_dependencies(chart: Chart) -> list[str]:
    """Names of the dependencies that Chart.yaml (or requirements.yaml) declares and `charts/` does not hold."""
    from chartgen.errors import ChartgenError

    declared: list[Any] = []
    for path in ("Chart.yaml", "requirements.yaml"):
        if path in chart.files:
            try:
                declared += _metadata(chart.root, chart.files[path]).get("dependencies") or []
            except ChartgenError:
                continue
    present = _vendored_names(chart)
    names = [str(one.get("name")) for one in declared if isinstance(one, dict) and one.get("name")]
    return sorted({name for name in names if name not in present})


def _vendored_names(chart: Chart) -> set[str]:
    """Chart names in `charts/`: folders by their Chart.yaml, archives by their file name."""
    found: set[str] = set()
    for path in chart.files:
        parts = path.split("/")
        if parts[0] != "charts" or len(parts) < 2:  # noqa: PLR2004 - charts/NAME
            continue
        if len(parts) == 2 and path.endswith(_ARCHIVES):  # noqa: PLR2004 - charts/NAME-1.2.3.tgz
            found.add(_archive_name(parts[1]))
        elif parts[2:] == ["Chart.yaml"]:
            found.add(str(_metadata(chart.root, chart.files[path]).get("name")))
    return found


def _archive_name(file_name: str) -> str:
    """`redis` of `redis-12.3.4-rc.1.tgz`: all before the first `-` that a digit follows."""
    stem = file_name.removesuffix(".tgz").removesuffix(".tar.gz")
    for index, character in enumerate(stem[:-1]):
        if character == "-" and (stem[index + 1].isdigit() or stem[index + 1 : index + 3].strip("v")[:1].isdigit()):
            return stem[:index]
    return stem
