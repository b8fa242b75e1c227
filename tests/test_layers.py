"""The architecture, held: who may import whom, what stays out of a quick start, how large a piece may grow."""

from __future__ import annotations

import ast
import subprocess
import sys
from statistics import median
from typing import TYPE_CHECKING

import pytest

from tools.imports import MODULES, PACKAGE, dependencies, imported, tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# From the top: a module may import the layers below its own and its own package, never a neighbor on its line.
LAYERS = (
    {"__main__"},
    {"cli"},
    {"api"},
    {"reporters"},
    {"migration"},
    {"lint", "canary", "cluster"},
    {"config"},
    {"rules", "proof"},
    {"planning"},
    {"flagger"},
    {"manifests"},
    {"helm"},
    {"charts", "edits", "cache"},
    {"inputs"},
    {"errors", "escaping", "resources", "__version__"},
    {"patterns"},
)
DEPTH = {name: depth for depth, names in enumerate(LAYERS) for name in names}
# Each costs tens of milliseconds or more, and few commands need all of them.
HEAVY = {
    "grafana_foundation_sdk",
    "helm_python",
    "jinja2",
    "jsonschema",
    "kubernetes",
    "promql_parser",
    "re2",
    "referencing",
    "ruamel",
    "urllib3",
}


def layer(module: Path) -> str:
    return module.parts[0].removesuffix(".py")


def at_import_time(body: list[ast.stmt]) -> Iterator[str]:
    """The imports at import time: without those in functions or for type checkers only."""
    for statement in body:
        yield from imported(statement)
        if isinstance(statement, ast.If) and ast.unparse(statement.test) != "TYPE_CHECKING":
            yield from at_import_time([*statement.body, *statement.orelse])
        elif isinstance(statement, (ast.Try, ast.With, ast.ClassDef)):
            yield from at_import_time(statement.body)


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Modules that reach one another, by the modules each reaches."""
    reached: dict[str, set[str]] = {}
    for start, direct in graph.items():
        seen: set[str] = set()
        ahead = list(direct)
        while ahead:
            module = ahead.pop()
            if module not in seen:
                seen.add(module)
                ahead += graph[module]
        reached[start] = seen
    loops = {frozenset({a, *(b for b in reached[a] if a in reached[b])}) for a in graph if a in reached[a]}
    return sorted(sorted(loop) for loop in loops)


def test_the_walk_sees_the_package() -> None:
    assert {layer(module) for module in MODULES} - {"__init__"} == set(DEPTH) - {"__version__"}


def test_imports_go_down_only() -> None:
    upward = []
    for module in MODULES:
        own = layer(module)
        if own == "__init__":
            continue
        for node in ast.walk(tree(module)):
            for name in imported(node):
                root, _, below = name.partition(".")
                other = below.split(".")[0]
                if root == "chartgen" and other != own and DEPTH[other] <= DEPTH[own]:
                    upward.append(f"{module}: {name}")
    assert upward == []


def test_no_module_imports_another_in_a_circle() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert circles(dependencies()) == []


def test_heavy_libraries_are_imported_where_they_are_used() -> None:
    early = {
        str(module): {name.split(".")[0] for name in at_import_time(tree(module).body)} & HEAVY for module in MODULES
    }
    assert {module: names for module, names in early.items() if names} == {}


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["add-canary", "--help"], ["lint", "--help"]], ids=" ".join
)
def test_a_quick_question_gets_a_quick_answer(arguments: list[str]) -> None:
    program = (
        "import sys\nfrom chartgen.__main__ import main\nsys.argv[0] = 'chartgen'\n"
        "try: main()\nexcept SystemExit as stop: assert stop.code == 0\n"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(("chartgen ", "Usage: chartgen "))
    assert set(done.stderr.split()) & HEAVY == set()
    assert ("typer" in done.stderr) == (arguments != ["--version"])


def test_pieces_stay_small() -> None:
    lengths = []
    for module in MODULES:
        assert module.stem not in {"utils", "util", "helpers", "common", "core", "misc"}
        # A registry is one list, as long as what it lists.
        if module.stem != "registry":
            assert len((PACKAGE / module).read_text(encoding="utf-8").splitlines()) <= 300, module
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                # A command's function is its list of options.
                assert length <= 45 or module.parts[0] == "cli", f"{module}: {node.name} has {length} lines"
                lengths.append(length)
    assert median(lengths) <= 10


def test_every_module_says_what_it_is_for() -> None:
    silent = [str(module) for module in MODULES if module.stem != "__init__" and not ast.get_docstring(tree(module))]
    assert silent == []
