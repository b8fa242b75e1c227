"""Every generated page and picture is what `make docs` writes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

import chartgen
import chartgen.rules
from tools.architecture_picture import arrows, layout, rooms
from tools.docs import GENERATED, ROOT, keys, outdated


@pytest.mark.slow
@pytest.mark.parametrize("name", GENERATED)
def test_make_docs_leaves_no_difference(name: str) -> None:
    assert not outdated(name), "run `make docs` and commit what it writes"


def test_every_picture_and_generated_page_is_used() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))]
    drawn = {f"docs/pictures/{path.name}" for path in (ROOT / "docs/pictures").iterdir()}
    assert drawn == {name for name in GENERATED if name.endswith(".svg")}
    for name in filter(lambda name: name.startswith("docs/"), GENERATED):
        uses = (f"]({name})", f'"{name}"', f"]({name.removeprefix('docs/')})")
        assert any(use in text for use in uses for text in texts), name


def test_the_picture_has_every_room_and_all_arrows_run_downward() -> None:
    graph = arrows()
    rows = layout(graph)
    row_of = {slot.room: slot.row for row in rows for slot in row if slot.room}
    assert set(row_of) == {path.parent.name for path in Path(chartgen.__file__).parent.glob("*/__init__.py")}
    assert all(row_of[room] < row_of[target] for room, targets in graph.items() for target in targets)
    assert "proof" in graph["lint"]
    assert "helm" not in graph["lint"], "lint -> proof -> … -> helm implies it"
    for row in rows:
        for left, right in pairwise(sorted(row, key=lambda slot: slot.x)):
            assert left.x + left.width / 2 <= right.x - right.width / 2


@pytest.mark.parametrize("package", [chartgen, chartgen.rules])
def test_every_package_says_what_it_is_for(package: object) -> None:
    folder = Path(str(vars(package)["__file__"])).parent
    silent = [str(init.parent) for init in folder.glob("*/__init__.py") if not init.read_text().startswith('"""')]
    assert silent == []


def test_a_room_says_it_in_two_lines_of_its_box() -> None:
    assert {name: line for name, line in rooms().items() if not 0 < len(line) <= 76} == {}


def test_keys_of_a_schema() -> None:
    schema = {
        "$defs": {"names": {"type": "array", "items": {"type": "string"}}},
        "properties": {
            "a": {"$ref": "#/$defs/names", "description": "x|y"},
            "b": {"items": {"properties": {"a": {"$ref": "#/properties/a"}, "c": {"enum": [1, 2]}}}, "type": "array"},
            "d": {"additionalProperties": {"properties": {"e": {"type": ["boolean", "null"]}}}, "type": "object"},
        },
    }
    assert keys(schema, schema, "") == [
        ("a", "list", "x\\|y"),
        ("b", "list", ""),
        ("b[].a", "list", "x\\|y"),
        ("b[].c", "`1`, `2`", ""),
        ("d", "map", ""),
        ("d.<name>.e", "true or false or null", ""),
    ]
