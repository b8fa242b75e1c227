"""Every command block of the README and the docs runs, page by page, and prints what the page shows."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import CHARTS, helm_program
from tests.docs.blocks import Block, blocks, commands, run, shows

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
# What can't run here, by what it needs. Raise a number only for a block that no test of this project can run.
NEEDS = {"clone": 10, "cluster": 27, "registry": 4}


def runnable(page: Path) -> list[Block]:
    return [block for block in blocks(page.read_text(encoding="utf-8")) if block.needs is None]


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if runnable(page)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_the_blocks_of_a_page_run(page: Path, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "helm").symlink_to(helm_program("4.1"))
    folder = tmp_path / "folder"
    folder.mkdir()
    path = [str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]
    identity = {f"GIT_{role}_{key}": "reader" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    environment = {name: value for name, value in os.environ.items() if name not in {"CI", "KUBECONFIG"}} | {
        "PATH": os.pathsep.join(path),
        "HOME": str(tmp_path),
        "FIXTURES": str(CHARTS),
        **identity,
    }
    for block in runnable(page):
        try:
            run(block, folder, environment)
        except AssertionError as failure:
            pytest.fail(f"{page.relative_to(ROOT)}:{block.line}: {failure}")


def test_few_blocks_need_what_is_not_here() -> None:
    needs = Counter(block.needs for page in PAGES for block in blocks(page.read_text(encoding="utf-8")))
    assert needs.pop(None) > needs.total()
    assert needs == NEEDS


def test_blocks_of_a_page() -> None:
    page = """
<!-- before: mkdir a -->
```yaml title="a/b.yaml"
x: 1
```
1. A list:

   <!-- needs: cluster -->
   ```sh
   kubectl get pods
   ```
```console
$ ls a
b.yaml
```
```yaml
not: a file
```
"""
    assert blocks(page) == [
        Block("sh", "mkdir a\n", 2),
        Block("yaml", "x: 1\n", 3, None, "a/b.yaml"),
        Block("sh", "kubectl get pods\n", 9, "cluster"),
        Block("console", "$ ls a\nb.yaml\n", 12),
    ]


def test_a_block_that_fails_or_prints_something_else_is_reported(tmp_path: Path) -> None:
    run(Block("yaml", "x: 1\n", 1, None, "a/b.yaml"), tmp_path, os.environ)
    run(Block("console", "$ ls a\nb.yaml\n", 1), tmp_path, os.environ)
    with pytest.raises(AssertionError, match="isn't what the page shows"):
        run(Block("console", "$ ls a\nc.yaml\n", 1), tmp_path, os.environ)
    with pytest.raises(AssertionError, match="ended with 3"):
        run(Block("sh", "exit 3\n", 1), tmp_path, os.environ)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("a\nb\nc", True),
        ("", True),
        ("a\nb", False),
        ("b\nc", False),
        ("a\n…", True),
        ("…\nc", True),
        ("a\n…\nc", True),
        ("…\nb\n…", True),
        ("…\nc\nb", False),
        ("a\n…\nb", False),
        ("…\nx\n…", False),
        ("a\n…\na\nb\nc", False),
    ],
)
def test_what_a_page_shows_of_an_output(shown: str, expected: bool) -> None:
    assert shows("a\n\nb\nc\n", tuple(shown.splitlines())) is expected


def test_the_rest_of_a_line_may_be_left_out() -> None:
    assert shows("error: this and that\n", ("error: …",))
    assert not shows("error: this and that\n", ("error:",))


def test_a_command_over_several_lines() -> None:
    assert [command.line for command in commands("$ a \\\n  b\nout\n$ c\n")] == ["a    b", "c"]
