"""What a program does to files and to the network, as Linux sees it: system calls recorded by strace."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_CALLS = (  # noqa: SIM905 - a list of words reads better
    "open openat openat2 creat truncate mknod mknodat mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link "
    "linkat symlink symlinkat chmod fchmodat fchmodat2 chown lchown fchownat utimensat setxattr lsetxattr "
    "connect bind sendto"
).split()
_LINE = re.compile(r"(?P<name>\w+)\((?P<given>.*)")
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<(?P<folder>(?:[^>\\]|\\.)*)>, )?"(?P<path>(?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\([0-7]{1,3}|.)")
_WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE")
_NETWORK = ("connect", "bind", "sendto")


@dataclass(frozen=True)
class Call:
    """One system call: its name, the paths given to it (absolute), and the rest of the line."""

    name: str
    paths: tuple[str, ...]
    line: str

    @property
    def is_network(self) -> bool:
        return self.name in _NETWORK

    @property
    def writes(self) -> bool:
        """Whether it makes, changes or removes what the paths name."""
        return not self.is_network and ("open" not in self.name or bool(_WRITES.search(self.line)))

    @property
    def succeeded(self) -> bool:
        return not re.search(r" = -1 E\w+", self.line)


def need_strace() -> None:
    """Skip the test where strace is missing or the machine lets nobody trace; in CI a missing strace fails it."""
    if shutil.which("strace") is None:
        message = "strace is not installed"
        if os.environ.get("CI"):
            pytest.fail(f"{message}: .ci/run installs it")
        pytest.skip(message)
    done = subprocess.run(["strace", "-f", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"strace cannot attach here: {done.stderr.strip()}")


def traced(command: Sequence[str], cwd: Path, environment: Mapping[str, str], log: Path) -> tuple[int, list[Call]]:
    """Run a command with its children: the exit code, and its different calls. `log` is a folder that does not exist."""
    log.mkdir()
    watch = ["strace", "-ff", "-y", "-s", "4096", "--seccomp-bpf", "-e", f"trace={','.join(f'?{c}' for c in _CALLS)}"]
    done = subprocess.run(
        [*watch, "-o", str(log / "calls"), *command], cwd=cwd, env=dict(environment), capture_output=True, check=False
    )
    lines = {line: None for file in sorted(log.iterdir()) for line in file.read_text(errors="replace").splitlines()}
    return done.returncode, list(_calls(lines, cwd))


def _calls(lines: Iterable[str], cwd: Path) -> Iterator[Call]:
    for line in lines:
        found = _LINE.match(line)
        if found:
            paths = () if found["name"] in _NETWORK else tuple(_paths(found["given"], cwd))
            yield Call(found["name"], paths, line)


def _paths(given: str, cwd: Path) -> Iterator[str]:
    for match in _PATH.finditer(given):
        folder = _plain(match["folder"]) if match["folder"] else str(cwd)
        yield os.path.normpath(os.path.join(folder, _plain(match["path"])))  # noqa: PTH118


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 8)) if escape[1].isdigit() else escape[1], text)
