"""The imports of the package, read from its source: what tests/test_layers.py checks and the picture shows."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "chartgen"
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


@cache
def tree(module: Path) -> ast.Module:
    """The syntax tree of a module, given by its path in the package."""
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"))


def imported(node: ast.AST) -> list[str]:
    """Dotted names; for `from chartgen import x`, x belongs to the name."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def dotted(module: Path) -> str:
    """`chartgen.edits.disk` of `edits/disk.py`."""
    return ".".join(("chartgen", *module.with_suffix("").parts)).removesuffix(".__init__")


def dependencies() -> dict[str, set[str]]:
    """Module -> the modules of the package it imports anywhere, also for type checkers only.

    `from chartgen.edits import disk` is an import of `chartgen.edits.disk`, not of `chartgen.edits`.
    """
    known = {dotted(module) for module in MODULES}
    found: dict[str, set[str]] = {}
    for module in MODULES:
        names = [name for node in ast.walk(tree(module)) for name in imported(node)]
        met = {name if name in known else name.rpartition(".")[0] for name in names}
        found[dotted(module)] = (met & known) - {dotted(module)}
    return found
