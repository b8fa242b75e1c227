"""CONTRIBUTING.md and the pages it leads to: the targets, files and links they name exist, and the examples hold."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tools.docs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
_LINK = re.compile(r"\]\((?P<path>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def commands(text: str) -> list[str]:
    """The lines of the shell blocks, indented ones too."""
    blocks: list[str] = re.findall(r"^ *```sh\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


@cache
def targets() -> set[str]:
    """The targets `make help` lists."""
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    return {line.split("\t")[0] for line in done.stdout.splitlines() if "\t" in line}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"(?:^\s*|`)make ([a-z][a-z0-9-]*)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named - targets() == set()


def test_contributing_names_the_targets_of_daily_work() -> None:
    assert {"quick", "check", "test", "docs", "new-rule", "flagger-release"} <= {
        line.split()[1] for line in commands(CONTRIBUTING) if line.startswith("make ")
    }


def test_every_file_contributing_names_exists() -> None:
    named = {
        path
        for path in re.findall(r"`((?:chartgen|tests|tools|schemas|fixtures|docs)/[\w./-]+)`", CONTRIBUTING)
        if "NAME" not in path
    }
    assert len(named) > 10
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_every_test_command_of_contributing_finds_tests() -> None:
    lines = [line for line in commands(CONTRIBUTING) if line.startswith(".venv/bin/python -m pytest")]
    assert len(lines) == 4
    for line in lines:
        paths = [word for word in line.split() if word.startswith("tests/")]
        assert all((ROOT / path).exists() for path in paths), line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_in_the_docs_resolve(page: Path) -> None:
    broken = []
    for link in _LINK.finditer(_CODE.sub("", page.read_text(encoding="utf-8"))):
        path, anchor = link["path"], link["anchor"]
        if path.startswith(("http:", "https:")):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link[0])
    assert broken == []


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_decisions_are_listed_and_have_the_same_sections() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")))
    pages = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md") if path.name != "README.md"}
    assert set(pages) == listed
    for name, text in pages.items():
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], name


def test_the_changelog_says_each_thing_once() -> None:
    unreleased = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("## Unreleased")[1]
    entries = re.findall(r"^- (.+)$", unreleased, re.MULTILINE)
    assert entries
    assert len(entries) == len(set(entries))
