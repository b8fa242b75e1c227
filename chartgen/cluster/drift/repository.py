"""A Git repository: its tracked YAML files, their history, and a commit on a branch that leaves the work tree alone."""

from __future__ import annotations

import os
import posixpath
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.errors import InputError, UsageError, WriteError
from chartgen.inputs.files import read_beside
from chartgen.inputs.limits import FILE_BYTES, LINKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SUFFIXES = (".yaml", ".yml", ".yaml.gotmpl", ".yml.gotmpl")
_LINK = "120000"
# A hook of git sets these for its own repository; --git names another one.
_OWN = ("DIR", "WORK_TREE", "INDEX_FILE", "OBJECT_DIRECTORY", "ALTERNATE_OBJECT_DIRECTORIES", "COMMON_DIR", "PREFIX")
_MOST_FILES = 5000
_HISTORY = "50"
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Repository:
    """The folder `root` of a work tree. Paths are relative to it, with forward slashes."""

    root: Path

    @classmethod
    def at(cls, folder: Path) -> Repository:
        """The repository around a folder; UsageError if there is none."""
        if not folder.is_dir():
            raise UsageError(f"--git {folder}: folder not found", hint="name a clone of the repository to deploy from")
        repository = cls(folder.resolve())
        repository.git("rev-parse", "--show-toplevel")
        return repository

    def git(self, *words: str, given: bytes | None = None, index: str = "") -> bytes:
        """The output of git; UsageError with its reason if it fails. No hooks, no prompts, never a remote.

        `index`: a file to use as the index instead of the repository's own.
        """
        argv = ["git", "-C", str(self.root), "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", *words]
        try:
            done = subprocess.run(
                argv,
                input=given,
                capture_output=True,
                check=False,
                timeout=_SECONDS,
                env=_environment(index),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UsageError(f"git can't be run: {error}", hint="install git, or check the repository") from error
        if done.returncode:
            lines = done.stderr.decode(errors="replace").strip().splitlines() or ["git failed"]
            said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
            raise UsageError(f"git {words[0]}: {said}", hint=f"run it in {self.root} to see more")
        return done.stdout

    def files(self) -> dict[str, bytes]:
        """Each tracked YAML file as it is in the work tree, without those that can't be read.

        A link counts as the tracked file that it leads to; it is left out if that is untracked or out of the folder.
        """
        tracked = set(self._list("ls-files", "-z"))
        found: dict[str, bytes] = {}
        for path in self._bounded(sorted(path for path in tracked if path.endswith(_SUFFIXES))):
            real = Path(os.path.relpath(os.path.realpath(self.root / path), self.root)).as_posix()
            if real in tracked and real not in found:
                with suppress(InputError):
                    found[real] = read_beside(self.root, real, FILE_BYTES)
        return found

    def committed_files(self) -> dict[str, bytes]:
        """As `files`, but as HEAD has them."""
        listed = (line.split("\t", 1) for line in self._list("ls-tree", "-r", "-z", "-l", "HEAD"))
        entries = {path: about.split() for about, path in listed}
        blobs = {
            path: (mode, blob)
            for path, (mode, kind, blob, size) in entries.items()
            if kind == "blob" and int(size) <= FILE_BYTES
        }
        paths = self._bounded(sorted(path for path in blobs if path.endswith(_SUFFIXES)))
        links = [path for path in paths if blobs[path][0] == _LINK]
        targets = self._contents({path: blobs[path][1] for path in links})
        real = [_resolved(path, targets) for path in paths]
        wanted = {path: blobs[path][1] for path in real if path in blobs and blobs[path][0] != _LINK}
        return self._contents(wanted)

    def _list(self, *words: str) -> list[str]:
        listed = self.git(*words).decode(errors="surrogateescape")
        return [line for line in listed.split("\0") if line]

    def _bounded(self, paths: list[str]) -> list[str]:
        if len(paths) > _MOST_FILES:
            raise InputError(f"{self.root}: more than {_MOST_FILES} YAML files", hint="name a folder with --git")
        return paths

    def _contents(self, blobs: Mapping[str, str]) -> dict[str, bytes]:
        """The content of each blob, by path (git cat-file --batch: a line with the size, the content, a line end)."""
        asked = "".join(f"{blob}\n" for blob in blobs.values()).encode()
        given, found = self.git("cat-file", "--batch", given=asked) if blobs else b"", {}
        at = 0
        for path in blobs:
            start = given.index(b"\n", at) + 1
            end = start + int(given[at:start].split()[2])
            found[path], at = given[start:end], end + 1
        return found

    def committed(self, path: str, revision: str = "HEAD") -> bytes | None:
        """The file in a commit, None if it isn't there."""
        try:
            return self.git("show", f"{revision}:./{path}")
        except UsageError:
            return None

    def history(self, path: str) -> Iterator[tuple[str, bytes]]:
        """The commits that changed a file, the newest first, each with the file's content."""
        for commit in (
            self.git("log", f"--max-count={_HISTORY}", "--format=%H", "--no-show-signature", "--", path)
            .decode()
            .split()
        ):
            content = self.committed(path, commit)
            if content is not None:
                yield commit, content

    def commit(self, branch: str, files: Mapping[str, bytes], message: str) -> str:
        """Commit files on top of HEAD as a branch, without touching the index or the work tree; its id.

        A branch that already has exactly this is left alone. WriteError if it has something else.
        """
        self.git("check-ref-format", "--branch", branch)
        head = self.git("rev-parse", "HEAD").decode().strip()
        prefix = self.git("rev-parse", "--show-prefix").decode(errors="surrogateescape").strip("\n")
        with tempfile.TemporaryDirectory(prefix="chartgen-") as folder:
            index = str(Path(folder) / "index")
            self.git("read-tree", head, index=index)
            for path, content in files.items():
                blob = self.git("hash-object", "-w", "--stdin", given=content).decode().strip()
                mode = self.git("ls-tree", head, "--", path).decode(errors="replace").split(" ", 1)[0] or "100644"
                self.git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{prefix}{path}", index=index)
            tree = self.git("write-tree", index=index).decode().strip()
        existing = self._branch(branch)
        if existing:
            if self.git("rev-parse", f"{existing}^{{tree}}").decode().strip() == tree:
                return existing
            raise WriteError(
                f"branch {branch} exists and has something else", hint="choose another --branch, or delete it"
            )
        words = ("commit-tree", tree, "-p", head, "-F", "-")
        commit = self.git(*self._identity(), *words, given=message.encode()).decode().strip()
        self.git("update-ref", f"refs/heads/{branch}", commit, "0" * len(commit))
        return commit

    def _identity(self) -> tuple[str, ...]:
        """Options that name a committer where git knows none, as in most CI jobs."""
        try:
            self.git("var", "GIT_COMMITTER_IDENT")
        except UsageError:
            return ("-c", "user.name=chartgen", "-c", "user.email=chartgen@localhost")
        return ()

    def _branch(self, branch: str) -> str:
        try:
            return self.git("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}").decode().strip()
        except UsageError:
            return ""


def _environment(index: str) -> dict[str, str]:
    own = {f"GIT_{name}" for name in _OWN}
    kept = {name: value for name, value in os.environ.items() if name not in own}
    # Paths are names, never patterns; what a partial clone lacks isn't fetched.
    fixed = {"GIT_TERMINAL_PROMPT": "0", "GIT_LITERAL_PATHSPECS": "1", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
    return kept | fixed | ({"GIT_INDEX_FILE": index} if index else {})


def _resolved(path: str, links: Mapping[str, bytes]) -> str:
    """Where a path leads by the links of a commit."""
    for _ in range(LINKS):
        if path not in links:
            break
        target = links[path].decode(errors="surrogateescape")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return path
