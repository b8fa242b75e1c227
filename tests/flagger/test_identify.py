"""Which release an installed CRD belongs to, and which fields it drops."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from chartgen.flagger.crd import known_versions
from chartgen.flagger.crd.fields import kinds, structural_schema
from chartgen.flagger.crd.identify import dropped_fields, releases_of
from chartgen.flagger.crd.releases import position


@pytest.mark.parametrize("kind", kinds())
def test_each_known_release_is_found_by_its_own_fields(kind: str) -> None:
    for release in known_versions()[::7]:
        schema = structural_schema(kind, release)
        if schema["properties"]:
            found = releases_of(kind, schema)
            assert found.different == 0
            assert position(found.first) <= position(release) <= position(found.last)


def test_a_changed_crd_is_the_most_similar_release() -> None:
    schema = copy.deepcopy(structural_schema("Canary", "1.44.0"))
    schema["properties"]["spec"]["properties"]["ours"] = {"type": "string"}
    found = releases_of("Canary", schema)
    assert (found.text, found.different) == ("1.44.0", 1)
    assert releases_of("Canary", structural_schema("Canary", "1.30.0")).text == "1.29.0 to 1.31.0"


def test_fields_that_the_schema_does_not_define_are_dropped() -> None:
    schema: dict[str, Any] = {
        "properties": {
            "list": {"items": {"properties": {"a": {"type": "string"}}}},
            "map": {"additionalProperties": {"type": "string"}},
            "any": {"x-kubernetes-preserve-unknown-fields": True},
            "open": {"type": "object"},
        }
    }
    document = {"list": [{"a": 1}, {"a": 1, "b": 2}], "map": {"x": "y"}, "any": {"z": 1}, "open": {"z": 1}, "gone": 1}
    assert list(dropped_fields(document, schema)) == [("list", 1, "b"), ("gone",)]
