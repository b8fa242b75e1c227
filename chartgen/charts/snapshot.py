"""The charts that paths lead to, each file read once: a digest of all that they say, and which can't have a canary.

Only what is plain is judged here. A chart with links, archives, unusual names or a Chart.yaml that needs a YAML reader
is left to `charts.load` with all its checks.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from typing import TYPE_CHECKING

from chartgen.charts.discover import discover, folders_in, is_chart
from chartgen.charts.mentions import mentions_flagger
from chartgen.charts.plain_metadata import plain_metadata
from chartgen.inputs.limits import FILE_BYTES
from chartgen.inputs.unchanged import kind_at, stamp
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from chartgen.charts.discover import Discovery
    from chartgen.inputs.unchanged import Stamp

# A plain chart is below these bounds, which are far below those of `inputs.limits`.
_PLAIN_FILES = 500
_PLAIN_BYTES = 1024 * 1024
_PLAIN_DEPTH = 20
_PLAIN_IGNORE = 2048
_PLAIN_NAME = lazy_pattern(r"[A-Za-z0-9_.@-][A-Za-z0-9_.@ -]*")
# Files that decide about charts below their folder.
_SETTINGS = ("chartgen.yaml", ".chartgen.yaml", "pyproject.toml")
_DECIDING = (*_SETTINGS, ".git", "Chart.yaml")
# Within this time after a change, a file may change again without another time stamp.
_TICK_NS = 50_000_000
_COARSE_TICK_NS = 2_500_000_000
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_SECOND_NS = 1_000_000_000
# Manifests outside of charts, which may be releases of charts.
_MANIFESTS = (".yaml", ".yml")


class UnclearError(Exception):
    """Something that only loading the chart can judge."""


class Snapshot:
    """What the paths lead to.

    `found` are the charts and the files outside of charts. `without_canary` maps the path of each chart that can't have
    a canary, and has nothing else to report, to its name. `has_settings`: a chart may have a configuration.
    `has_manifests`: a folder has YAML files outside of charts.

    Each chart has a digest of its own files. Everything else, which may decide about any chart, has one together.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._started = time.time_ns()
        self._stamps: dict[str, Stamp] = {}
        self._kinds: dict[str, int] = {}
        self._around = _Digest()
        self._charts: dict[Path, _Digest] = {}
        self._roots: list[str] = []
        self.has_settings = self.has_manifests = False
        self.without_canary: dict[Path, str] = {}
        given = tuple(paths)
        self.found: Discovery = discover(given)
        for path in self.found.charts:
            self._charts[path] = _Digest()
            self._add(path, self._charts[path])
        for path in self.found.outside:
            self._add(path, self._around)
        for path in given:
            self._add_manifests(path)
        self._add_folders_around()
        if self.found.error:
            self._around.clear = False

    @property
    def digest(self) -> bytes | None:
        """A digest of everything that was read, None if it doesn't cover everything that matters."""
        return _together((self._around, *self._charts.values()))

    def chart_digest(self, path: Path) -> bytes | None:
        """A digest of what decides about one chart: its files, and all that is in no chart. None as for `digest`."""
        own = self._charts.get(path)
        return _together((self._around, own)) if own else None

    def chart_covers(self, path: Path, files: Iterable[str]) -> bool:
        """Whether `chart_digest` includes the files with these real paths."""
        own = self._charts[path].files
        return all(file in own or file in self._around.files for file in files)

    @property
    def roots(self) -> tuple[str, ...]:
        """The real paths of the charts and files."""
        return tuple(self._roots)

    def covers(self, path: str) -> bool:
        """Whether the digest includes the file with this real path."""
        return path in self._stamps

    @property
    def files(self) -> dict[str, Stamp]:
        """The files and folders that were read, by their real paths."""
        return self._stamps

    @property
    def places(self) -> dict[str, int]:
        """The paths where only the type of what is there matters, see `unchanged.kind_at`."""
        return self._kinds

    def is_unchanged(self) -> bool:
        """Whether nothing has changed since it was read, as far as the file system can show it without doubt."""
        newest = max((known[4] for known in self._stamps.values()), default=0)
        coarse = all(known[4] % _SECOND_NS == 0 for known in self._stamps.values())
        if newest > self._started - (_COARSE_TICK_NS if coarse else _TICK_NS):
            return False
        try:
            return all(stamp(os.lstat(path)) == known for path, known in self._stamps.items())
        except OSError:
            return False

    def _add(self, path: Path, digest: _Digest) -> None:
        """One chart, or one file: what can't be read makes the digest None, and its own report says why."""
        real = os.path.realpath(path)
        self._roots.append(real)
        digest.say(b"path", os.fsencode(path), os.fsencode(real))
        try:
            if os.path.isdir(real):
                chart = _Chart(digest)
                self._folder(real, "", chart, 0)
                name = chart.name()
                if name is not None:
                    self.without_canary[path] = name
            else:
                digest.say(b"content", self._content(real, digest))
        except (OSError, UnclearError):
            digest.clear = False
            self.has_settings = True

    def _folder(self, real: str, below: str, chart: _Chart, depth: int) -> None:
        with os.scandir(real) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
        self._note(real, os.lstat(real), chart.digest)
        chart.digest.say(b"folder", b"%d" % len(entries))
        for entry in entries:
            name = entry.name
            chart.digest.say(os.fsencode(name))
            if name == ".git":
                continue
            if entry.is_symlink():
                raise UnclearError(real)
            path = f"{real}/{name}"
            if entry.is_dir(follow_symlinks=False):
                chart.folder(name, depth)
                self._folder(path, f"{below}{name}/", chart, depth + 1)
            else:
                data = self._content(path, chart.digest)
                chart.digest.say(b"content", data)
                chart.file(f"{below}{name}", name, data)
                self.has_settings |= name in _SETTINGS

    def _content(self, real: str, digest: _Digest) -> bytes:
        if not stat.S_ISREG(os.lstat(real).st_mode):
            raise UnclearError(real)  # opening a pipe would end its writer
        descriptor = os.open(real, _OPEN)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > FILE_BYTES:
                raise UnclearError(real)
            data = os.read(descriptor, FILE_BYTES + 1)
            if len(data) != status.st_size:
                raise UnclearError(real)
            self._note(real, status, digest)
            return data
        finally:
            os.close(descriptor)

    def _note(self, real: str, status: os.stat_result, digest: _Digest) -> None:
        """A file or folder that a digest includes."""
        self._stamps[real] = stamp(status)
        digest.files.add(real)

    def _add_manifests(self, path: Path) -> None:
        """The YAML files of a folder that are in no chart."""
        todo = [path] if os.path.isdir(path) else []
        try:
            while todo:
                here = todo.pop()
                if is_chart(here):
                    continue
                real = os.path.realpath(here)
                self._note(real, os.lstat(real), self._around)
                with os.scandir(real) as listed:
                    names = sorted(each.name for each in listed if each.is_file(follow_symlinks=False))
                for name in names:
                    if name.endswith(_MANIFESTS):
                        self.has_manifests = True
                        data = self._content(f"{real}/{name}", self._around)
                        self._around.say(b"manifest", os.fsencode(f"{real}/{name}"), data)
                todo += sorted(folders_in(here))
        except (OSError, UnclearError):
            self._around.clear, self.has_manifests = False, True

    def _add_folders_around(self) -> None:
        """The files that decide about a chart in the folders around it, up to the root."""
        folders: set[str] = set()
        for path in (*self.found.charts, *self.found.outside):
            for folder in (os.path.abspath(path), os.path.realpath(path)):
                while (folder := os.path.dirname(folder)) not in folders:
                    folders.add(folder)
        for folder in sorted(folders):
            for name in _DECIDING:
                self._add_deciding(os.path.join(folder, name))

    def _add_deciding(self, path: str) -> None:
        kind = self._kinds[path] = kind_at(path)
        if not kind:
            return
        self._around.say(b"around", os.fsencode(path), b"%d" % kind)
        if path.endswith((".git", "/Chart.yaml")):
            return
        self.has_settings = True
        try:
            self._around.say(b"content", self._content(path, self._around))
        except (OSError, UnclearError):
            self._around.clear = False


class _Digest:
    """A digest of some of the files. `clear`: it covers everything that matters; `files` are their real paths."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.clear = True
        self.files: set[str] = set()

    def say(self, *words: bytes) -> None:
        """Add words with their lengths: no other words give the same digest."""
        for word in words:
            self._hash.update(b"%d:" % len(word))
            self._hash.update(word)

    def bytes(self) -> bytes:
        return self._hash.digest()


def _together(digests: Iterable[_Digest]) -> bytes | None:
    """One digest of several, None if one doesn't cover everything that matters."""
    listed = list(digests)
    if not all(each.clear for each in listed):
        return None
    return hashlib.sha256(b"".join(each.bytes() for each in listed)).digest()


class _Chart:
    """Whether one chart is plain and says nothing of canaries."""

    def __init__(self, digest: _Digest) -> None:
        self.digest = digest
        self._plain = True
        self._files = self._bytes = 0
        self._metadata = b""
        self._ignore = b""

    def folder(self, name: str, depth: int) -> None:
        if depth >= _PLAIN_DEPTH or not _PLAIN_NAME.fullmatch(name):
            self._plain = False

    def file(self, path: str, name: str, data: bytes) -> None:
        self._files += 1
        self._bytes += len(data)
        if path == "Chart.yaml":
            self._metadata = data
        elif path == ".helmignore":
            self._ignore = data
        if not self._plain:
            return
        archive = name.endswith((".tgz", ".tar.gz"))
        if archive or not _PLAIN_NAME.fullmatch(name) or mentions_flagger(data) or b"chartgen:" in data:
            self._plain = False
        elif name == "values.schema.json" and (b"$" in data or b"\\" in data):
            self._plain = False

    def name(self) -> str | None:
        """Its name, None if it isn't plain."""
        small = self._files <= _PLAIN_FILES and self._bytes <= _PLAIN_BYTES and len(self._ignore) <= _PLAIN_IGNORE
        if not self._plain or not small or b"\0" in self._ignore:
            return None
        metadata = plain_metadata(self._metadata)
        return metadata["name"] if metadata else None
