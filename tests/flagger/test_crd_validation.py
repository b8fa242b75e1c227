from __future__ import annotations

import re
from typing import Any

import pytest

from chartgen.flagger.crd.pruning import drop_nulls, prune, set_defaults
from chartgen.flagger.crd.quick import re_of_re2

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "kind": {"type": "string", "default": "Service"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "refs": {"type": "array", "items": {"type": "object", "properties": {"port": {"type": "integer"}}}},
    },
}


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("^a$", "a", True),
        ("^a$", "a\n", False),
        ("^[a$]+$", "a$", True),
        ("^[]$]$", "$", True),
        ("^[^]$]$", "$", False),
        (r"^\$$", "$", True),
        ("^$|^x", "", True),
        ("^$|^x", "\n", False),
        ("^[0-9]+(m|s)", "10sx", True),
    ],
)
def test_a_dollar_matches_only_at_the_end_as_in_go(pattern: str, text: str, *, matches: bool) -> None:
    assert bool(re.search(re_of_re2(pattern), text)) == matches


@pytest.mark.parametrize(
    ("document", "kept", "pruned"),
    [
        ({"name": "x", "Name": 1}, {"name": "x"}, [("Name",)]),
        ({"labels": {"a.b/c": {"x": 1}}}, {"labels": {"a.b/c": {}}}, [("labels", "a.b/c", "x")]),
        ({"refs": [{"port": 1, "prt": 2}, 3]}, {"refs": [{"port": 1}, 3]}, [("refs", 0, "prt")]),
        ({"refs": {"port": 1}}, {"refs": {}}, [("refs", "port")]),
        ({"name": [{"a": {"b": 1}}]}, {"name": [{}]}, [("name", 0, "a")]),
        ({"apiVersion": "v1", "spec": {"kind": 1}}, {"apiVersion": "v1"}, [("spec",)]),
        ({"refs": [{"kind": "x"}]}, {"refs": [{}]}, [("refs", 0, "kind")]),
    ],
)
def test_prune(document: dict[str, Any], kept: dict[str, Any], pruned: list[tuple[str | int, ...]]) -> None:
    assert list(prune(document, SCHEMA)) == pruned
    assert document == kept


def test_nulls_and_defaults() -> None:
    document: dict[str, Any] = {
        "name": None,
        "kind": None,
        "labels": {"a": None, "b": "x"},
        "refs": [None, {"port": None}],
    }
    drop_nulls(document, SCHEMA)
    assert document == {"kind": None, "labels": {"b": "x"}, "refs": [None, {}]}
    set_defaults(document, SCHEMA)
    assert document == {"kind": "Service", "labels": {"b": "x"}, "refs": [None, {}]}
