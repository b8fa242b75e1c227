"""`chartgen lint` again with nothing changed: the answer of the last run, without reading its options.

The key holds the arguments, the working directory, the day, every part of chartgen, and every byte of the charts and
of the files that decide about them. A run is only kept if that covers every file it read, and if nothing changed
meanwhile.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.cache import entries, identity
from chartgen.charts.snapshot import Snapshot
from chartgen.cli.output import print_again, record, terminal_width
from chartgen.inputs.reads import files_read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chartgen.lint.finding import LintResult

# These write, ask for something else, use another program, or don't want an answer from the cache.
_NEVER = (
    "--fix",
    "--unsafe-fixes",
    "--diff",
    "--report",
    "--write-baseline",
    "--show-config",
    "--helm",
    "--no-cache",
    "-",
)
# The variables that chartgen reads otherwise; a test compares them with the source.
VARIABLES = (
    "CI",
    "CHARTGEN_CONFIG",
    "CHARTGEN_RENDER_TIMEOUT",
    "CHARTGEN_RENDER_MEMORY",
    "FORCE_COLOR",
    "HOME",
    "LD_LIBRARY_PATH",
    "NO_COLOR",
    "TMPDIR",
    "TZ",
    "XDG_STATE_HOME",
)
# These choose another Helm, whose version is not part of the key.
_OTHER_HELM = ("HELM_C_LIB", "CHARTGEN_HELM")


class RememberedRun:
    """One `lint` on the command line. `snapshot` is what its paths lead to, None if that isn't read beforehand."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments
        self._key: str | None = None
        self._printed: list[tuple[int, bytes]] = []
        self._lasting = False
        self.snapshot: Snapshot | None = None

    @property
    def will_render(self) -> bool:
        """Whether a chart may have a canary."""
        return self.snapshot is not None and len(self.snapshot.without_canary) < len(self.snapshot.found.charts)

    def answer(self, run: Callable[[RememberedRun], None]) -> int:
        """Print the answer of an earlier run and return its exit code, or carry out `run` and keep its answer."""
        if self._may_be_remembered():
            with suppress(OSError):  # lint itself reports a folder that can't be read
                self.snapshot = Snapshot(self._paths())
                self._key = self._key_of(self.snapshot)
        if self._key is None:
            run(self)
            return 0
        known = _read(entries.load(self._key))
        if known is not None:
            print_again(known[1])
            return known[0]
        self._printed = record()
        try:
            run(self)
        except SystemExit as end:
            self._keep(end.code)
            raise
        return 0

    def lasts(self, result: LintResult) -> None:
        """This is the result: it can be kept if it depends on nothing but what was read."""
        self._lasting = result.lasts

    def _may_be_remembered(self) -> bool:
        options = {argument.partition("=")[0] for argument in self._arguments}
        embedded = any(os.path.isdir(os.path.join(folder, "helm_python")) for folder in sys.path)
        return embedded and options.isdisjoint(_NEVER) and not any(name in os.environ for name in _OTHER_HELM)

    def _paths(self) -> list[Path]:
        """The arguments that name a file or a folder, possibly more than those to lint."""
        words = [*self._arguments[1:], os.environ.get("CHARTGEN_CONFIG", "")]
        words += [word.partition("=")[2] for word in words]
        return [Path(word) for word in dict.fromkeys(words) if word and os.path.exists(word)]

    def _key_of(self, snapshot: Snapshot) -> str | None:
        """The key, None if something can't be part of it, or if the cache lies in a repository that is linted."""
        seen = snapshot.digest
        if seen is None or any(_is_within(entries.folder_path(), root) for root in snapshot.roots):
            return None
        words = [
            *self._arguments,
            os.getcwd(),
            time.strftime("%Y-%m-%d %Z"),
            *(f"{name}={os.environ.get(name)}" for name in VARIABLES),
            f"{terminal_width(sys.stdout)} {terminal_width(sys.stderr)}",
            *_journals(),
            *identity.parts(),
            seen.hex(),
        ]
        digest = hashlib.sha256()
        for word in words:
            data = word.encode("utf-8", "surrogateescape")
            digest.update(b"%d:" % len(data) + data)
        return digest.hexdigest()

    def _keep(self, code: Any) -> None:
        assert self._key
        assert self.snapshot
        if not self._lasting or code not in {0, 1}:
            return
        if all(map(self.snapshot.covers, files_read())) and self.snapshot.is_unchanged():
            printed = [[stream, base64.b64encode(data).decode()] for stream, data in self._printed]
            entries.store(self._key, {"code": code, "printed": printed})


def _read(entry: Any) -> tuple[int, list[tuple[int, bytes]]] | None:
    """The exit code and what was printed, None for anything but such an entry."""
    try:
        printed = [(stream, base64.b64decode(data, validate=True)) for stream, data in entry["printed"]]
    except (TypeError, KeyError, ValueError, binascii.Error):
        return None
    if entry.get("code") not in {0, 1} or any(stream not in {1, 2} for stream, _ in printed):
        return None
    return entry["code"], printed


def _is_within(folder: str, root: str) -> bool:
    """Whether a folder is in the repository around `root`, else in `root`: it may be a stranger's."""
    fence = candidate = root
    while True:
        if os.path.lexists(os.path.join(candidate, ".git")):
            fence = candidate
            break
        parent = os.path.dirname(candidate)
        if parent == candidate:
            break
        candidate = parent
    real = os.path.realpath(folder)
    return real == fence or real.startswith(fence.rstrip("/") + "/")


def _journals() -> list[str]:
    """The journals of unfinished writes, which lint warns about."""
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    temporary = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108
    found = []
    for folder in (f"{state}/chartgen", f"{temporary}/chartgen-{os.geteuid()}"):
        for top, folders, files in os.walk(folder):
            names = sorted((*folders, *files))
            found += [f"{top}/{name} {os.lstat(f'{top}/{name}').st_ctime_ns}" for name in names]
    return found
