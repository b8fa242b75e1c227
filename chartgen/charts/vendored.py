"""Subchart archives in `charts/`, opened in memory, so that their templates can be read like the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.errors import ChartError, InputError
from chartgen.inputs.archive import ARCHIVES, Unpacked, unpacked
from chartgen.inputs.limits import Tally

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart


def with_subcharts_opened(chart: Chart) -> Chart:
    """The same chart with each `charts/NAME.tgz` replaced by its files; Helm renders both the same way."""
    archives = [path for path in chart.files if path.startswith("charts/") and path.count("/") == 1]
    archives = [path for path in archives if path.endswith(ARCHIVES)]
    if not archives:
        return chart
    files = {path: data for path, data in chart.files.items() if path not in archives}
    tally = Tally(str(chart.root))
    opened_from: dict[str, str] = {}
    for path in archives:
        try:
            opened = unpacked(chart.files[path], path, tally)
        except InputError as error:
            raise ChartError(error.message, hint="run `helm dependency build`") from error
        folder = _free_folder(opened, path, files)
        opened_from[folder] = path
        files.update({f"{folder}/{inside}": data for inside, data in opened.files.items()})
    return replace(chart, files=files, archives=opened_from)


def _free_folder(opened: Unpacked, archive: str, files: dict[str, bytes]) -> str:
    """The folder for the subchart's files: its own, or one named like the archive if that folder exists already."""
    folder = f"charts/{opened.folder}"
    taken = any(path.startswith(f"{folder}/") for path in files)
    return archive.removesuffix(".tgz").removesuffix(".tar.gz") if taken else folder
