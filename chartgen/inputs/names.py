"""Names of files that a chart may contain: valid for both engines, an archive and a report."""

from __future__ import annotations

from chartgen.errors import InputError
from chartgen.inputs.limits import FOLDER_DEPTH, NAME_BYTES, PATH_BYTES


def printable(name: str) -> str:
    r"""The name with each byte that is not UTF-8 written as `\xff`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def checked_name(path: str, shown: str) -> str:
    """The path in a chart, checked; InputError says why a file can't have that name."""
    parts = path.split("/")
    if fault := _fault(path, parts):
        raise InputError(f"{printable(shown)}: {fault}", hint="rename the file, or list it in .helmignore")
    return path


def _fault(path: str, parts: list[str]) -> str | None:
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        return "the name is not UTF-8"
    if "\0" in path or "\\" in path:
        return "the name holds a NUL or a backslash"
    if any(part in {"", ".", ".."} for part in parts):
        return "the path is absolute, leads upward or has an empty part"
    if size > PATH_BYTES or any(len(part.encode()) > NAME_BYTES for part in parts):
        return f"the path is longer than {PATH_BYTES:,} bytes, or one name in it than {NAME_BYTES}"
    if len(parts) > FOLDER_DEPTH:
        return f"it lies more than {FOLDER_DEPTH} folders deep"
    return None
