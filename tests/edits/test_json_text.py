from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema.validators import validator_for

from chartgen.edits.json_text import add_property
from chartgen.errors import ConflictError

CHARTS = Path(__file__).parents[3] / "shared/charts/charts.tar.gz"
BOM = b"\xef\xbb\xbf"
SCHEMA = {"type": "object", "properties": {"enable": {"type": "boolean"}}}


def _is_inserted(before: bytes, after: bytes) -> bool:
    """Whether `after` is `before` with an insertion at one offset."""
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    return before[head:] == after[len(after) - len(before) + head :]


def _add(before: str) -> str:
    after = add_property(before.encode(), "canary", SCHEMA)
    assert _is_inserted(before.encode(), after)
    return after.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{}", '{"canary": 1}'),
        ('{"a": 1}', '{"a": 1, "canary": 1}'),
        ('{"a":1}', '{"a":1,"canary":1}'),
        ('{\n  "a": 1\n}\n', '{\n  "a": 1,\n  "canary": 1\n}\n'),
        ('{\n\t"a": {\n\t}\n}', '{\n\t"a": {\n\t},\n\t"canary": 1\n}'),
        ('{\r\n    "a": 1\r\n}\r\n', '{\r\n    "a": 1,\r\n    "canary": 1\r\n}\r\n'),
        ('{ "a": 1,\n  "b": 2 }', '{ "a": 1,\n  "b": 2,\n  "canary": 1 }'),
    ],
)
def test_the_layout_of_the_properties_is_followed(before: str, after: str) -> None:
    begin, end = '{"properties": ', "}"
    changed = add_property((begin + before + end).encode(), "canary", 1)  # type: ignore[arg-type]
    assert changed.decode() == begin + after + end


def test_the_files_own_indentation_applies_inside() -> None:
    assert _add('{\n\t"type": "object",\n\t"properties": {}\n}\n') == (
        '{\n\t"type": "object",\n\t"properties": {\n\t\t"canary": {\n\t\t\t"type": "object",\n'
        '\t\t\t"properties": {\n\t\t\t\t"enable": {\n\t\t\t\t\t"type": "boolean"\n\t\t\t\t}\n\t\t\t}\n\t\t}\n\t}\n}\n'
    )


def test_properties_are_created_where_there_are_none() -> None:
    assert _add('{"additionalProperties":false}') == (
        '{"additionalProperties":false,"properties":'
        '{"canary":{"type":"object","properties":{"enable":{"type":"boolean"}}}}}'
    )
    assert json.loads(_add("{}")) == {"properties": {"canary": SCHEMA}}
    assert json.loads(_add("{\n}\n")) == {"properties": {"canary": SCHEMA}}


@pytest.mark.parametrize("strict", [{"additionalProperties": False}, {"unevaluatedProperties": False}])
@pytest.mark.parametrize("where", ["root", "definition"])
def test_a_strict_root_takes_the_block(strict: dict[str, Any], where: str) -> None:
    own = {"type": "object", "properties": {"a": {"type": "integer"}}, **strict}
    schema = own if where == "root" else {"$ref": "#/$defs/my~1Values", "$defs": {"my/Values": own}}
    before = json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=4)
    after = json.loads(_add(before))
    values: dict[str, Any] = {"a": 1, "canary": {"enable": True}}
    assert not validator_for(schema)(json.loads(before)).is_valid(values)
    assert validator_for(schema)(after).is_valid(values)
    assert not validator_for(schema)(after).is_valid({**values, "canary": {"enable": "yes"}})


@pytest.mark.parametrize("reference", ["#/$defs/own", "#own"])
def test_a_schema_that_others_use_too_stays_as_it_is(reference: str) -> None:
    strict = {"$anchor": "own", "type": "object", "additionalProperties": False}
    own = {**strict, "properties": {"a": {"type": "integer"}, "sub": {"$ref": reference}}}
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": reference, "$defs": {"own": own}}
    before = json.dumps({**schema, "defaults": {"$ref": reference}}, indent=2)
    changed = add_property(before.encode(), "canary", SCHEMA).decode()
    after = json.loads(changed)
    values: dict[str, Any] = {"a": 1, "sub": {"a": 2}, "canary": {"enable": True}}
    assert not validator_for(schema)(json.loads(before)).is_valid(values)
    assert validator_for(schema)(after).is_valid(values)
    assert not validator_for(schema)(after).is_valid({**values, "sub": {"canary": {"enable": True}}})
    assert not validator_for(schema)(after).is_valid({**values, "canary": {"enable": "yes"}})
    start = changed.index(',\n    "ownWithCanary"')
    end = changed.index('\n  },\n  "defaults"')
    assert (changed[:start] + changed[end:]).replace("#/$defs/ownWithCanary", reference) == before


def test_bom_and_missing_line_break_stay() -> None:
    before = BOM + b'{\n "properties": {\n  "a": {}\n }\n}'
    after = add_property(before, "canary", {})
    assert after == BOM + b'{\n "properties": {\n  "a": {},\n  "canary": {}\n }\n}'


def test_the_last_of_duplicate_members_counts() -> None:
    assert _add('{"properties": {}, "properties": {"a": {}}}').startswith(
        '{"properties": {}, "properties": {"a": {}, "'
    )


def test_an_existing_property_is_not_changed() -> None:
    before = json.dumps({"properties": {"canary": SCHEMA}}).encode()
    assert add_property(before, "canary", SCHEMA) == before


@pytest.mark.parametrize(
    ("before", "message"),
    [
        (b"[]", ": the root is not an object"),
        (b"true", ": the root is not an object"),
        (b"", " is not valid JSON"),
        (b'{"a": 1,}', " is not valid JSON"),
        (b'{"a": "\xff"}', " is not valid JSON"),
        (b"[" * 100000, " is not valid JSON"),
        (b'{"properties": []}', ": `properties` is not an object"),
        (b'{"properties": {"canary": {"type": "string"}}}', " already has a different property canary"),
        (b'{"$ref": "https://example.com/values.json"}', r": the root is the \$ref https://example.com/values.json"),
        (b'{"$ref": "#"}', r": the root is the \$ref #"),
        (b'{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}', r": the root is the \$ref"),
        (b'{"$ref": "#/$defs/missing"}', ": `properties` is not an object"),
        (b'{"propertyNames": {"enum": ["image", "service"]}}', ": propertyNames doesn't allow canary"),
        (b'{"propertyNames": false}', ": propertyNames doesn't allow canary"),
    ],
)
def test_a_property_without_effect_is_rejected(before: bytes, message: str) -> None:
    with pytest.raises(ConflictError, match=f"values.schema.json{message}"):
        add_property(before, "canary", SCHEMA)


def test_property_names_that_allow_the_property_are_accepted() -> None:
    assert json.loads(_add('{"propertyNames": {"pattern": "^[a-z]+$"}}'))["properties"] == {"canary": SCHEMA}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
    max_leaves=12,
)
ROOTS = st.fixed_dictionaries(
    {}, optional={"title": JSON, "properties": st.dictionaries(st.text(), JSON, max_size=3), "required": JSON}
)


@settings(max_examples=200, deadline=None)
@given(ROOTS, st.sampled_from([None, 2, 4, "\t"]), st.booleans(), st.booleans())
def test_any_schema_takes_a_property(
    root: dict[str, Any], indent: int | str | None, ascii_only: bool, crlf: bool
) -> None:
    before = json.dumps(root, indent=indent, ensure_ascii=ascii_only)
    before = before.replace("\n", "\r\n") if crlf else before
    after = add_property(before.encode(), "the canary", SCHEMA).decode()
    assert _is_inserted(before.encode(), after.encode())
    expected = {**root, "properties": {**root.get("properties", {}), "the canary": SCHEMA}}
    assert json.loads(after) == expected
    assert list(json.loads(after)) == list(expected)
    if indent is not None and not crlf and root:
        assert after == json.dumps(expected, indent=indent, ensure_ascii=ascii_only)


def test_real_schemas_take_a_property() -> None:
    if not CHARTS.exists():
        pytest.skip(f"{CHARTS} is not there: the real charts are kept beside the checkout")
    with tarfile.open(CHARTS) as archive:
        members = [member for member in archive if member.name.endswith("/values.schema.json")]
        contents = {member.name: archive.extractfile(member) for member in members}
        found = {name: content.read() for name, content in contents.items() if content is not None}
    assert len(found) > 20
    for name, before in found.items():
        after = add_property(before, "canaryOfTest", SCHEMA)
        assert _is_inserted(before, after), name
        assert json.loads(after)["properties"]["canaryOfTest"] == SCHEMA, name
