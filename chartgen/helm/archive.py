"""A chart as the archive that Helm loads from memory."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart


def archive_of(chart: Chart) -> bytes:
    """The chart as the `.tgz` Helm loads, the same bytes for the same files.

    Its folder has a fixed name: a name from the chart could place files elsewhere.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
        for path in sorted(chart.files):
            data = chart.files[path]
            member = tarfile.TarInfo(f"chart/{path}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
