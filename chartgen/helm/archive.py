"""A chart as the archive that Helm loads from memory."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.charts.chart import Chart

# Its folder has a fixed name: a name from the chart could place files elsewhere.
_FOLDER = "chart"
# Names that fit into the header of an entry as they are.
_PLAIN_NAME = lazy_pattern(r"[\x20-\x7e]{1,90}")
_LARGEST = 8**11 - 1
_BLOCK = 512
# zlib: with the header of gzip.
_GZIP = 31


def archive_of(chart: Chart) -> bytes:
    """The chart as the `.tgz` Helm loads, the same bytes for the same files."""
    files = chart.files
    if not all(_PLAIN_NAME.fullmatch(path) and len(data) <= _LARGEST for path, data in files.items()):
        from chartgen.inputs.archive import packed

        return packed(files, _FOLDER)
    packer = zlib.compressobj(1, wbits=_GZIP)
    return packer.compress(_tar(files)) + packer.flush()


def _tar(files: Mapping[str, bytes]) -> bytes:
    """The files as an uncompressed tar. Importing tarfile takes ten times as long as this."""
    pieces: list[bytes] = []
    for path in sorted(files):
        data = files[path]
        pieces += (_header(f"{_FOLDER}/{path}", len(data)), data, bytes(-len(data) % _BLOCK))
    return b"".join((*pieces, bytes(2 * _BLOCK)))


def _header(name: str, size: int) -> bytes:
    """The header of a regular file (POSIX ustar)."""
    start = b"%b0000644\0%b%011o\0%011o\0" % (name.encode("ascii").ljust(100, b"\0"), b"0000000\0" * 2, size, 0)
    rest = b"0" + bytes(100) + b"ustar\x0000" + bytes(247)
    checksum = sum(start) + sum(rest) + 8 * ord(" ")
    return start + b"%06o\0 " % checksum + rest
