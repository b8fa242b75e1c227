"""The command blocks of a Markdown page, and how to run them.

Blocks run in the page's order, in one scratch folder per page:

    ```sh            every line runs; exit code 0
    ```console       lines with `$ ` run, with exit code 0 or 1; the lines below are their output. Lines of `…` stand for
                     any lines, and a line that ends with ` …` shows its beginning
    ```yaml title="FILE"         a file that the reader writes (any language but sh and console)

Comments that a reader doesn't see, on a line before a block:

    <!-- needs: WHAT -->         the block doesn't run: it needs a cluster, a registry, or is about the clone itself
    <!-- before: COMMAND -->     runs first; $FIXTURES is the folder of the fixture charts
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PART = re.compile(
    r"^(?P<indent> *)```(?P<language>\w+)(?P<options>[^\n]*)\n(?P<code>.*?)^(?P=indent)```$"
    r"|^ *<!-- (?P<mark>needs|before): (?P<what>.+?) -->$",
    re.MULTILINE | re.DOTALL,
)
_COMMANDS = ("sh", "console")


@dataclass(frozen=True, slots=True)
class Block:
    """`code` of a fence at `line` of its page; `needs` is None if it can run; `file` is the title of a file to write."""

    language: str
    code: str
    line: int
    needs: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A line of a console block with the output that the page shows."""

    line: str
    shown: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """What a page runs or writes, in its order; a `before:` is a block of the language `sh`."""
    found: list[Block] = []
    needs: str | None = None
    for part in _PART.finditer(text):
        line = text[: part.start()].count("\n") + 1
        if part["mark"] == "needs":
            needs = part["what"]
        elif part["mark"] == "before":
            found.append(Block("sh", f"{part['what']}\n", line))
        else:
            title = re.search(r'title="([^"]+)"', part["options"])
            if part["language"] in _COMMANDS or title:
                found.append(Block(part["language"], dedent(part["code"]), line, needs, title[1] if title else None))
            needs = None
    return found


def run(block: Block, folder: Path, environment: Mapping[str, str]) -> None:
    """Run the block, or write its file; AssertionError says what differs from the page."""
    if block.language == "sh":
        _shell(block.code, folder, environment, codes=(0,))
    elif block.language == "console":
        for command in commands(block.code):
            said = _shell(command.line, folder, environment, codes=(0, 1))
            assert shows(said, command.shown), f"$ {command.line}\n{said}\nisn't what the page shows:\n{command.shown}"
    elif block.file:
        (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
        (folder / block.file).write_text(block.code, encoding="utf-8")


def commands(code: str) -> list[Command]:
    """The commands of a console block; `\\` at the end continues a line."""
    parts = re.split(r"^\$ ", code.replace("\\\n", " "), flags=re.MULTILINE)
    assert not parts[0].strip(), f"output without a command: {parts[0]}"
    return [Command(line, tuple(shown.splitlines())) for line, _, shown in (part.partition("\n") for part in parts[1:])]


def shows(said: str, shown: tuple[str, ...]) -> bool:
    """Whether the output, stdout first, is what the page shows. `…` matches any lines, as does a block without output."""
    if not shown:
        return True
    lines = [line.rstrip() for line in said.splitlines() if line.strip()]
    pieces = [
        [line for line in piece.split("\n") if line.strip()]
        for piece in re.split(r"^ *…$", "\n".join(shown), flags=re.MULTILINE)
    ]
    *firsts, last = pieces
    at = 0
    for number, piece in enumerate(firsts):
        starts = range(at, len(lines) - len(piece) + 1 if number else 1)
        at = next((start + len(piece) for start in starts if _are(lines[start:], piece)), -1)
        if at < 0:
            return False
    end = len(lines) - len(last)
    return (at <= end if firsts else end == 0) and _are(lines[end:], last)


def _are(lines: list[str], shown: list[str]) -> bool:
    return len(lines) >= len(shown) and all(
        said.startswith(line.removesuffix(" …")) if line.endswith(" …") else said == line.rstrip()
        for said, line in zip(lines, shown, strict=False)
    )


def _shell(script: str, folder: Path, environment: Mapping[str, str], codes: tuple[int, ...]) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode in codes, f"{script}\nended with {done.returncode}:\n{done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr
