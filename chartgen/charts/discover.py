"""Finding the charts for the paths on a command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chartgen.errors import UsageError, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_ARCHIVES = (".tgz", ".tar.gz")
_MARK = "Chart.yaml"
_HINT = "pass chart folders, .tgz archives, files of charts, or manifests; - is stdin"
# Folders that contain no charts of the repository itself.
_SKIPPED = frozenset({".git", ".hg", ".svn", ".venv", ".tox", "node_modules", "__pycache__"})


class Discovery(NamedTuple):
    """Chart folders and archives, each once, sorted; `outside` are files that don't belong to a chart.

    `arguments` maps each chart to the path that led to it. `error` is about the paths that are missing or contain no
    chart, None without any.
    """

    charts: tuple[Path, ...]
    outside: tuple[Path, ...]
    arguments: Mapping[Path, Path]
    error: UsageError | None = None


def discover(paths: Iterable[Path], *, allow_empty: Callable[[Path], bool] = lambda _: False) -> Discovery:
    """The charts in folders, around files, and archives.

    A folder without a chart goes to `outside` if `allow_empty` accepts it. A file of a vendored subchart leads to the
    parent chart, and charts in a chart's `charts/` aren't listed.
    """
    found: dict[Path, Path] = {}
    outside: list[Path] = []
    errors: list[UsageError] = []
    for path in paths:
        try:
            charts = list(_charts_of(path, allow_empty=allow_empty))
        except UsageError as error:
            errors.append(error)
            continue
        found.update(dict.fromkeys(charts, path))
        if not charts:
            outside.append(path)
    return Discovery(tuple(sorted(found, key=report_order)), tuple(outside), found, _joined(errors))


def report_order(chart: Path) -> str:
    """In the order of the paths of their files, which reports are sorted by."""
    return f"{chart.as_posix()}{'!' if chart.name.endswith(_ARCHIVES) else '/'}"


def _joined(errors: list[UsageError]) -> UsageError | None:
    if len(errors) < 2:  # noqa: PLR2004 - one error is reported as it is
        return next(iter(errors), None)
    return UsageError(listed([error.message for error in errors], "invalid paths"), hint=_HINT)


def _charts_of(path: Path, *, allow_empty: Callable[[Path], bool]) -> Iterator[Path]:
    if os.path.isdir(path):
        charts = list(_below(path))
        if not charts:
            around = enclosing_chart(path)
            charts = [around] if around else []
        if not charts and not allow_empty(path):
            raise UsageError(f"{path}: no chart found", hint="pass a folder with a Chart.yaml")
        yield from charts
    elif not os.path.exists(path):
        raise UsageError(f"{path}: file or folder not found", hint=_HINT)
    elif path.name.endswith(_ARCHIVES) and enclosing_chart(path.parent) is None:
        yield path
    else:
        around = enclosing_chart(path.parent)
        if around:
            yield around


def _below(folder: Path) -> Iterator[Path]:
    todo = [folder]
    while todo:
        here = todo.pop()
        if is_chart(here):
            yield here
            continue
        todo += folders_in(here)


def folders_in(folder: Path) -> list[Path]:
    """The folders in a folder, without links and those that hold nothing of the repository's own."""
    with os.scandir(folder) as entries:
        return [
            Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False) and entry.name not in _SKIPPED
        ]


def enclosing_chart(folder: Path) -> Path | None:
    """The outermost chart that `folder` is part of (possibly itself), None if there is none."""
    around: Path | None = None
    absolute = folder.absolute()
    for candidate in (absolute, *absolute.parents):
        if is_chart(candidate):
            if around is not None and not _is_vendored(around, candidate):
                break
            around = candidate
    return _tidy(around) if around else None


def is_chart(folder: Path) -> bool:
    """Whether there is a Chart.yaml of any kind; an unreadable one is an error of that chart."""
    mark = folder / _MARK
    return os.path.lexists(mark) and not os.path.isdir(mark)


def _is_vendored(chart: Path, parent: Path) -> bool:
    """Whether `chart` is in the `charts/` folder of `parent`."""
    return chart.relative_to(parent).parts[:1] == ("charts",)


def _tidy(chart: Path) -> Path:
    """The path relative to the working directory if it is below it, else absolute."""
    try:
        return chart.relative_to(Path.cwd())
    except ValueError:
        return chart
