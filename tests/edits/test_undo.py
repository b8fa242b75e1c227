"""The block in values.yaml and the property in values.schema.json: added, then removed to the last byte."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from chartgen.edits.json_undo import add_reversible_property, remove_property
from chartgen.edits.yaml_undo import add_block, remove_block
from chartgen.errors import ConflictError
from tests.edits.test_yaml_text import BLOCK, NASTY, STEP

CHARTS = Path(__file__).parents[3] / "shared/charts/charts.tar.gz"
PROPERTY = {"type": "object", "properties": {"enable": {"type": "boolean"}}}
# Shapes that no chart has: a comma or a comment at the place of the block is lost or moved.
INEXACT = {
    "tilde with a comment",
    "empty map with a comment",
    "flow with a comma",
    "flow over lines with a comma",
}
SCHEMAS = [
    "{}",
    '{"a":1}',
    '{"properties": {}}',
    '{"properties": { }, "x": 1}',
    '{\n  "properties": {\n  }\n}',
    '{"properties":{"a":{}}}',
    '{"type": "object",\n "properties": {"a": {}}}',
    '{\r\n\t"type": "object",\r\n\t"properties": {\r\n\t\t"a": {}\r\n\t}\r\n}\r\n',
    '{"$ref": "#/$defs/V", "$defs": {"V": {"properties": {"a": {}}}}}',
    '{"$ref": "#/$defs/V", "$defs": {"V": {"properties": {"a": {}}}, "W": {"$ref": "#/$defs/V"}}}',
    '{"$ref": "#v", "$defs": {"V": {"$anchor": "v", "properties": {"a": {}}}, "W": {"$ref": "#v"}}}',
]


@pytest.mark.parametrize("name", sorted(NASTY.keys() - INEXACT))
def test_values_are_restored(name: str) -> None:
    added = add_block(NASTY[name], "canary", BLOCK)
    assert added != NASTY[name]
    assert remove_block(added, "canary") == NASTY[name]


@pytest.mark.parametrize("name", sorted(INEXACT))
def test_values_of_other_shapes_keep_their_content(name: str) -> None:
    removed = remove_block(add_block(NASTY[name], "canary", BLOCK), "canary")
    assert removed is not None
    assert b"canary" not in removed
    with pytest.raises(ConflictError, match="has no canary"):
        remove_block(removed, "canary")


def test_a_file_that_was_created_is_deleted() -> None:
    added = add_block(None, "canary", BLOCK)
    assert added.startswith(b"canary:\n  # add-canary created this file.\n")
    assert remove_block(added, "canary") is None
    assert remove_block(b"a: 1\n" + added, "canary") == b"a: 1\n"


def test_blank_lines_at_the_end_stay_there() -> None:
    added = add_block(b"a: 1\n\n\n", "canary", "enable: true\n")
    assert added == b"a: 1\n\ncanary:\n  enable: true\n\n\n"


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (b"a: 1\n\ncanary:\n  x: 2\n  y:\n  - 1\n\nb: 2\n", b"a: 1\n\nb: 2\n"),
        (b"a: 1\n\ncanary:\n    enable: false\n    # ours\n", b"a: 1\n"),
        (b"a: 1\n\ncanary: {enable: false}\n", b"a: 1\n"),
        (b"canary:\n  x: 1\n\n# about b\nb: 2\n", b"# about b\nb: 2\n"),
        (b"a: 1\n\ncanary:\n  x: 1\n# about b\nb: 2\n", b"a: 1\n# about b\nb: 2\n"),
    ],
)
def test_an_edited_block_is_removed_too(now: bytes, left: bytes) -> None:
    assert remove_block(now, "canary") == left


def test_a_block_that_others_refer_to_stays() -> None:
    with pytest.raises(ConflictError, match="shared through a YAML anchor"):
        remove_block(b"canary: &c\n  x: 1\nb: *c\n", "canary")


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_schema_is_restored(schema: str) -> None:
    added = add_reversible_property(schema.encode(), "canary", PROPERTY)
    assert added != schema.encode()
    assert remove_property(added, "canary") == schema.encode()


def test_an_edited_property_is_removed_too() -> None:
    added = add_reversible_property(b'{\n  "properties": {\n    "a": {}\n  }\n}\n', "canary", PROPERTY)
    edited = added.replace(b'"boolean"', b'"boolean", "default": false')
    assert remove_property(edited, "canary") == b'{\n  "properties": {\n    "a": {}\n  }\n}\n'


def test_a_schema_without_the_property_is_unchanged() -> None:
    assert remove_property(b'{"properties": {"a": {}}}', "canary") == b'{"properties": {"a": {}}}'


@pytest.mark.slow
def test_files_of_real_charts_are_restored() -> None:
    if not CHARTS.exists():
        pytest.skip(f"{CHARTS} is absent: no real charts to try")
    tried = 0
    with tarfile.open(CHARTS) as archive:
        found = [each for each in archive if each.name.endswith(("/values.yaml", "/values.schema.json"))]
        for member in found[::STEP]:
            name = member.name.rsplit("/", 1)[-1]
            file = archive.extractfile(member)
            assert file is not None
            data = file.read()
            try:
                if name == "values.yaml":
                    restored = remove_block(add_block(data, "canary", BLOCK), "canary")
                else:
                    restored = remove_property(add_reversible_property(data, "canary", PROPERTY), "canary")
            except ConflictError:
                continue
            assert restored == data, member.name
            tried += 1
    assert tried > 200 // STEP
