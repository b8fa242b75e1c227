"""`chartgen lint` again: with nothing changed, the answer of the last run, without reading its options.

The key holds the arguments, the working directory, the day, every part of chartgen, and every byte of the charts and
of the files that decide about them. A run is only kept if that covers every file it read, and if nothing changed
meanwhile. A second entry has the statuses of these files: while they are the same, no file is read. A third one has
the outcomes of single charts, for a run in which others have changed (see `lint.kept_outcomes`).
"""

from __future__ import annotations

import hashlib
import os
import sys
import time

from chartgen.cache import entries, identity
from chartgen.cli.output import print_again, record, terminal_width
from chartgen.inputs import unchanged

# Importing typing takes longer than all that a remembered answer needs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from chartgen.charts.snapshot import Snapshot
    from chartgen.lint.finding import LintResult
    from chartgen.lint.kept_outcomes import KeptOutcomes

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
    """One `lint` on the command line.

    `snapshot` is what its paths lead to, None if that isn't read beforehand; `kept` are the outcomes of single charts.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments
        self._words: tuple[str, ...] = ()
        self._run_key = ""
        self._key: str | None = None
        self._printed: list[tuple[int, bytes]] = []
        self._lasting = False
        self.snapshot: Snapshot | None = None
        self.kept: KeptOutcomes | None = None

    @property
    def will_render(self) -> bool:
        """Whether a chart may have a canary, and its outcome isn't known."""
        if self.snapshot is None:
            return False
        known = self.snapshot.without_canary
        return any(path not in known and not (self.kept and self.kept.has(path)) for path in self.snapshot.found.charts)

    def answer(self, run: Callable[[RememberedRun], None]) -> int:
        """Print the answer of an earlier run and return its exit code, or carry out `run` and keep its answer."""
        known = None
        if self._may_be_remembered():
            self._words = tuple(self._words_of_paths())
            self._run_key = self._key_of_run()
            known = self._answer_of_unchanged_files() or self._answer_of_same_content()
        if known is not None:
            print_again(known[1])
            return known[0]
        if self._key is not None:
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

    def _words_of_paths(self) -> Iterable[str]:
        """The words of the command line that may name a file or a folder, possibly more than those to lint."""
        words = [*self._arguments[1:], os.environ.get("CHARTGEN_CONFIG", "")]
        words += [word.partition("=")[2] for word in words]
        return (word for word in dict.fromkeys(words) if word)

    def _targets(self) -> list[str]:
        """Where these words lead, empty if nowhere."""
        return [os.path.realpath(word) if os.path.exists(word) else "" for word in self._words]

    def _key_of_run(self) -> str:
        """A key of everything but what the paths lead to."""
        return _digest(
            *self._arguments,
            os.getcwd(),
            time.strftime("%Y-%m-%d %Z"),
            *(f"{name}={os.environ.get(name)}" for name in VARIABLES),
            f"{terminal_width(sys.stdout)} {terminal_width(sys.stderr)}",
            *_journals(),
            *identity.parts(),
        )

    def _answer_of_unchanged_files(self) -> tuple[int, list[tuple[int, bytes]]] | None:
        """The answer of the last run if all that it read has the same status as then."""
        pieces = entries.load(self._run_key)
        if pieces is None or len(pieces) != _STATUS_PIECES:
            return None
        signature, files, places, key = pieces
        now = unchanged.signature_now(_split(files), _split(places), self._targets())
        return _read(entries.load(key.decode("ascii", "replace"))) if now == signature else None

    def _answer_of_same_content(self) -> tuple[int, list[tuple[int, bytes]]] | None:
        """The answer of an earlier run that read the same bytes. Takes the snapshot."""
        from pathlib import Path

        from chartgen.charts.snapshot import Snapshot

        try:
            self.snapshot = Snapshot([Path(word) for word in self._words if os.path.exists(word)])
        except OSError:
            return None  # lint itself reports a folder that can't be read
        # A cache in a repository that is linted may be a stranger's.
        if any(_is_within(entries.folder_path(), root) for root in self.snapshot.roots):
            return None
        seen = self.snapshot.digest
        if seen is not None:
            self._key = _digest(self._run_key, seen.hex())
            known = _read(entries.load(self._key))
            if known is not None:
                if self.snapshot.is_unchanged():
                    self._keep_statuses()
                return known
        from chartgen.lint.kept_outcomes import KeptOutcomes

        self.kept = KeptOutcomes(_digest(self._run_key, "charts"), self.snapshot)
        return None

    def _keep(self, code: Any) -> None:
        from chartgen.inputs.reads import files_read

        if self.kept is None or self.snapshot is None or not self.snapshot.is_unchanged():
            return
        self.kept.store()
        covered = all(map(self.snapshot.covers, files_read()))
        if self._key is not None and self._lasting and code in {0, 1} and covered:
            printed = [piece for stream, data in self._printed for piece in (b"%d" % stream, data)]
            entries.store(self._key, [b"%d" % code, *printed])
            self._keep_statuses()

    def _keep_statuses(self) -> None:
        assert self._key
        assert self.snapshot
        files, places = self.snapshot.files, self.snapshot.places
        signature = unchanged.signature(files.values(), places.values(), self._targets())
        entries.store(self._run_key, [signature, _joined(files), _joined(places), self._key.encode()])


# What `_keep_statuses` stores.
_STATUS_PIECES = 4


def _joined(paths: Iterable[str]) -> bytes:
    return os.fsencode("\0".join(paths))


def _split(paths: bytes) -> list[str]:
    return os.fsdecode(paths).split("\0") if paths else []


def _digest(*words: str) -> str:
    digest = hashlib.sha256()
    for word in words:
        data = word.encode("utf-8", "surrogateescape")
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()


def _read(pieces: Sequence[bytes] | None) -> tuple[int, list[tuple[int, bytes]]] | None:
    """The exit code and what was printed, None for anything but such an entry."""
    if not pieces or len(pieces) % 2 == 0 or pieces[0] not in {b"0", b"1"} or not {b"1", b"2"}.issuperset(pieces[1::2]):
        return None
    return int(pieces[0]), [(int(stream), data) for stream, data in zip(pieces[1::2], pieces[2::2], strict=True)]


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
