"""Subcharts that lie in `charts/` as archives, opened in memory: their templates can then be read like the others."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.errors import ChartError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart

# Helm's own bounds are far higher; a chart that needs more has no templates a person wrote.
_MOST_BYTES = 64 * 1024 * 1024


def with_subcharts_opened(chart: Chart) -> Chart:
    """The same chart with each `charts/NAME.tgz` replaced by the files in it; Helm renders both alike."""
    archives = [path for path in chart.files if path.startswith("charts/") and path.count("/") == 1]
    archives = [path for path in archives if path.endswith((".tgz", ".tar.gz"))]
    if not archives:
        return chart
    files = {path: data for path, data in chart.files.items() if path not in archives}
    for path in archives:
        try:
            files.update(_opened(chart.files[path]))
        except (tarfile.TarError, EOFError, OSError) as error:
            raise ChartError(f"{path}: not a readable archive: {error}", hint="run `helm dependency build`") from error
    return replace(chart, files=files)


def _opened(data: bytes) -> Iterator[tuple[str, bytes]]:
    total = 0
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        for member in archive:
            total += member.size
            if total > _MOST_BYTES:
                raise tarfile.TarError("too large")
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                yield f"charts/{member.name.removeprefix('./')}", content.read()
