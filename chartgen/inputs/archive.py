"""Chart archives (`.tgz`), read in memory within limits and repacked from the files read.

chartgen decompresses the whole stream first, up to the limit, so that no header can expand it. Python's tarfile then
only locates the members. The size of headers is limited, too, because tarfile reads a pax header in one piece.
"""

from __future__ import annotations

import io
import posixpath
from typing import TYPE_CHECKING, NamedTuple

from chartgen.errors import InputError
from chartgen.inputs.limits import (
    ARCHIVE_DEPTH,
    ARCHIVE_HEADER_BYTES,
    CHART_ENTRIES,
    FILE_BYTES,
    Tally,
    shown_size,
)
from chartgen.inputs.names import checked_name, printable
from chartgen.inputs.shape import json_document
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterator, Mapping

ARCHIVES = (".tgz", ".tar.gz")
_HINT = "package the chart again with `helm package`"
_VENDORED = lazy_pattern(r"(?:charts/[^/]+/)*charts/[^/]+\.(?:tgz|tar\.gz)")
_SCHEMA = "values.schema.json"
_DRIVE = lazy_pattern(r"[A-Za-z]:")
# By the type in the header (`tarfile.SYMTYPE` …).
_KINDS = {
    b"2": "a symbolic link",
    b"1": "a hard link",
    b"6": "a pipe",
    b"3": "a device",
    b"4": "a device",
}
_BLOCK = 512


class Unpacked(NamedTuple):
    """The files below the archive's top folder `folder`: path with forward slashes → bytes."""

    folder: str
    files: dict[str, bytes]


def unpacked(data: bytes, name: str, tally: Tally, depth: int = 1) -> Unpacked:
    """The chart in a `.tgz`; its own archives in `charts/` are checked and repacked, too.

    `name` is its name in errors. InputError for an absolute path, a path with `..`, a duplicate path, a link or device,
    and for anything beyond the limits.
    """
    stream = _decompressed(data, name, tally)
    folder, files = "", {}
    for top, path, content in _members(stream, name, tally):
        if path in files:
            raise _refusal(name, path, "is in the archive twice")
        folder = folder or top
        files[path] = content
    refuse_files_as_folders(files, name)
    return Unpacked(folder, repacked(files, name, tally, depth))


def repacked(files: Mapping[str, bytes], name: str, tally: Tally, depth: int = 0) -> dict[str, bytes]:
    """The files with each vendored archive (`charts/NAME.tgz`) repacked from its checked files."""
    result = dict(files)
    for path, data in files.items():
        if path.rpartition("/")[2] == _SCHEMA:
            _refuse_deep_schema(data, f"{name}/{path}")
    for path in filter(_VENDORED.fullmatch, files):
        if depth >= ARCHIVE_DEPTH:
            raise _refusal(name, path, f"is more than {ARCHIVE_DEPTH} archives deep")
        inner = unpacked(files[path], f"{name}/{path}", tally, depth + 1)
        result[path] = packed(inner.files, inner.folder)
    return result


def _refuse_deep_schema(data: bytes, name: str) -> None:
    """Reject a schema of hundreds of levels: Helm would take a second or more for each rendering with it."""
    try:
        json_document(data.decode("utf-8-sig", "replace"))
    except InputError as error:
        if not isinstance(error.__cause__, ValueError):  # Helm itself rejects invalid JSON
            raise InputError(f"{name}: {error.message}", hint="write the schema flatter") from error


def packed(files: Mapping[str, bytes], folder: str) -> bytes:
    """The `.tgz` of these files below `folder`, the same bytes for the same files."""
    import gzip
    import tarfile

    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as archive,
    ):
        for path in sorted(files):
            member = tarfile.TarInfo(f"{folder}/{path}")
            member.size = len(files[path])
            archive.addfile(member, io.BytesIO(files[path]))
    return buffer.getvalue()


def plain_files(data: bytes, name: str, tally: Tally) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the regular files in an uncompressed tar such as that of `git archive`, without links."""
    tally.count(len(data))
    for member in _headers(data, name, tally):
        if member.isreg() and not member.issparse():
            yield checked_name(posixpath.normpath(member.name), f"{name}: {member.name}"), _content(data, member, name)


def refuse_files_as_folders(files: Mapping[str, bytes], name: str) -> None:
    """Raise InputError if a path is both a file and a folder."""
    for path in files:
        above = path
        while above := posixpath.dirname(above):
            if above in files:
                raise _refusal(name, above, "is a file and a folder")


def _decompressed(data: bytes, name: str, tally: Tally) -> bytes:
    import gzip
    import zlib

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            content = stream.read(tally.bytes_left + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{name}: is not a readable .tgz: {error}", hint=_HINT) from error
    tally.count(len(content))
    return content


def _members(stream: bytes, name: str, tally: Tally) -> Iterator[tuple[str, str, bytes]]:
    """Top folder, path below it and bytes of each file, as Helm names them."""
    for member in _headers(stream, name, tally):
        if member.isdir():
            continue
        if not member.isreg() or member.issparse():
            raise _refusal(name, member.name, f"is {_KINDS.get(member.type, 'a special file')}, not a regular file")
        top, path = _path(member.name, name)
        if member.size > FILE_BYTES:
            raise _refusal(name, member.name, f"is larger than {shown_size(FILE_BYTES)}, the most that Helm loads")
        yield top, path, _content(stream, member, name)


def _headers(stream: bytes, name: str, tally: Tally) -> Iterator[tarfile.TarInfo]:
    import tarfile

    try:
        with tarfile.open(fileobj=_Bounded(stream, name), mode="r:") as archive:
            for member in archive:
                tally.entry()
                yield member
    except (tarfile.TarError, EOFError, OSError, ValueError, OverflowError, RecursionError) as error:
        raise InputError(f"{name}: is not a readable archive: {error}", hint=_HINT) from error


def _content(stream: bytes, member: tarfile.TarInfo, name: str) -> bytes:
    content = stream[member.offset_data : member.offset_data + member.size]
    if len(content) < member.size:
        raise _refusal(name, member.name, "ends before its size says")
    return content


def _path(member: str, name: str) -> tuple[str, str]:
    """The top folder and the path below it (pkg/chart/loader/archive: LoadArchiveFiles)."""
    path = member.replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    top, _, inside = path.partition("/")
    if path.startswith("/") or inside.startswith("/") or _DRIVE.match(path) or _DRIVE.match(inside):
        raise _refusal(name, member, "has an absolute path")
    if ".." in path.split("/"):
        raise _refusal(name, member, "leads out of the archive with ..")
    if not inside:
        raise _refusal(name, member, "lies outside the chart's folder")
    return checked_name(top, f"{name}: {member}"), checked_name(posixpath.normpath(inside), f"{name}: {member}")


def _refusal(name: str, path: str, fault: str) -> InputError:
    return InputError(f"{name}: {printable(path)} {fault}", hint=_HINT)


class _Bounded(io.BytesIO):
    """A tar stream that limits extended headers. tarfile reads one block for each ordinary header."""

    def __init__(self, stream: bytes, name: str) -> None:
        super().__init__(stream)
        self._name = name
        self._extended, self._reads = 0, 0

    def read(self, size: int | None = -1) -> bytes:
        wanted = len(self.getbuffer()) if size is None or size < 0 else size
        self._reads += 1
        self._extended += wanted if wanted > _BLOCK else 0
        # Each entry has at most its own header, a pax header and two long names, each with a body.
        if self._extended > ARCHIVE_HEADER_BYTES or self._reads > 8 * CHART_ENTRIES:
            raise InputError(f"{self._name}: has headers of more than {shown_size(ARCHIVE_HEADER_BYTES)}", hint=_HINT)
        return super().read(size)
