"""Which charts the paths on a command line mean."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ARCHIVES = (".tgz", ".tar.gz")
_MARK = "Chart.yaml"
# Folders no chart of the repository's own lies in.
_SKIPPED = frozenset({".git", ".hg", ".svn", ".venv", ".tox", "node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Discovery:
    """Chart folders and archives, each once, sorted; `outside` are files that belong to no chart."""

    charts: tuple[Path, ...]
    outside: tuple[Path, ...]


def discover(paths: Iterable[Path], *, allow_empty: bool = False) -> Discovery:
    """Charts below folders, around files, and packaged ones; UsageError for a path that is not there or holds none.

    With `allow_empty` a folder without a chart is one of those outside.

    A file of a vendored subchart means the chart it is vendored into, and a chart's own `charts/` holds no charts of
    the repository's own.
    """
    found: dict[Path, None] = {}
    outside: list[Path] = []
    for path in paths:
        charts = list(_charts_of(path, allow_empty=allow_empty))
        found.update(dict.fromkeys(charts))
        if not charts:
            outside.append(path)
    return Discovery(tuple(sorted(found)), tuple(outside))


def _charts_of(path: Path, *, allow_empty: bool) -> Iterator[Path]:
    if path.is_dir():
        charts = list(_below(path))
        if not charts:
            around = enclosing_chart(path)
            charts = [around] if around else []
        if not charts and not allow_empty:
            raise UsageError(f"{path}: there is no chart in it", hint="give a folder that holds a Chart.yaml")
        yield from charts
    elif not path.exists():
        raise UsageError(f"{path}: there is no such file or folder", hint="give charts, or files inside them")
    elif path.name.endswith(_ARCHIVES) and enclosing_chart(path.parent) is None:
        yield path
    else:
        around = enclosing_chart(path.parent)
        if around:
            yield around


def _below(folder: Path) -> Iterator[Path]:
    if (folder / _MARK).is_file():
        yield folder
        return
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False) and entry.name not in _SKIPPED:
            yield from _below(Path(entry.path))


def enclosing_chart(folder: Path) -> Path | None:
    """The outermost chart around `folder` that it is part of (itself included), None where there is none."""
    around: Path | None = None
    absolute = folder.absolute()
    for candidate in (absolute, *absolute.parents):
        if (candidate / _MARK).is_file():
            if around is not None and not _is_vendored(around, candidate):
                break
            around = candidate
    return _tidy(around) if around else None


def _is_vendored(chart: Path, parent: Path) -> bool:
    """Whether `chart` lies in the `charts/` of `parent`."""
    return chart.relative_to(parent).parts[:1] == ("charts",)


def _tidy(chart: Path) -> Path:
    """The path as a person would write it: below the working directory without it, else absolute."""
    try:
        return chart.relative_to(Path.cwd())
    except ValueError:
        return chart
