"""The JSON Schema of a policy: references to files are followed, others are refused."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.config.policy_schema import read_policy_schema
from chartgen.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

SLOW = "400 is greater than the maximum of 300"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        pytest.fail("something was fetched")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)


def written(folder: Path, **files: Any) -> Path:
    """The files, `a__b` for `a/b.json`; the path of the first."""
    paths = []
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        paths.append(path)
    return paths[0]


def messages(path: Path, canary: Any) -> list[str]:
    # The configuration lies where pytest's folder begins, in which the schemas are.
    folder = next(parent for parent in path.parents if parent.parent.name.startswith("pytest-"))
    return [error.message for error in read_policy_schema(path, folder).iter_errors(canary)]


def at_spec(schema: Any) -> Any:
    return {"properties": {"spec": schema}}


DEADLINE = {"$defs": {"d": {"maximum": 300}, "e": {"$ref": "#/$defs/d"}, "f": {"$anchor": "slow", "maximum": 300}}}


@pytest.mark.parametrize(
    "files",
    [
        {"a": at_spec({"$ref": "parts/d.json#/$defs/e"}), "parts__d": DEADLINE},
        {"a": at_spec({"$ref": "parts/d.json#slow"}), "parts__d": DEADLINE},
        {"a": at_spec({"$ref": "./parts/../d.json#/$defs/d"}), "d": DEADLINE, "parts__x": {}},
        {"in__deep__a": at_spec({"$ref": "../../d.json#/$defs/d"}), "d": DEADLINE},
        {"in__a": at_spec({"$ref": "b.json"}), "in__b": {"$ref": "../d.json#/$defs/e"}, "d": DEADLINE},
        {"a": {"$id": "https://example.test/s/a.json", **at_spec({"$ref": "d.json#/$defs/e"})}, "d": DEADLINE},
        {"a": {"$id": "https://example.test/s/a.json", **at_spec({"$ref": "https://example.test/s/d.json#slow"})},
         "d": DEADLINE},
        {"a": {"$id": "https://example.test/s/a.json", "$defs": DEADLINE["$defs"],
               **at_spec({"$ref": "https://example.test/s/a.json#/$defs/e"})}},
        {"a": {"$id": "urn:example:a", **at_spec({"$ref": "d.json#/$defs/e"})}, "d": DEADLINE},
        {"a": {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"d": {"maximum": 300}},
               **at_spec({"$ref": "#/definitions/d"})}},
        {"a": at_spec({"$ref": "d.json"}), "d": {"$id": "https://example.test/d.json", "maximum": 300}},
        {"a": at_spec({"maximum": 300, "not": {"const": {"$ref": "https://example.test/no-reference"}}})},
    ],
)  # fmt: skip
def test_references_are_followed_to_files(files: dict[str, Any], tmp_path: Path) -> None:
    path = written(tmp_path, **files)
    assert messages(path, {"spec": 400}) == [SLOW]
    assert messages(path, {"spec": 300}) == []


def test_a_schema_may_refer_to_itself(tmp_path: Path) -> None:
    path = written(tmp_path, a={"maximum": 300, "properties": {"inner": {"$ref": "a.json"}}})
    assert messages(path, {"inner": {"inner": 400}}) == [SLOW]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a": {"$ref": "https://example.test/schema.json"}}, "https://example.test/schema.json is remote"),
        ({"a": {"$ref": "//example.test/schema.json"}}, "doesn't fetch remote schemas"),
        ({"a": at_spec({"$ref": "ftp://example.test/x"})}, "doesn't fetch remote schemas"),
        ({"a": {"$id": "https://example.test/a.json", "$ref": "https://example.test/b.json"}}, "doesn't fetch remote"),
        (
            {"a": at_spec({"$ref": "b.json"}), "b": {"items": {"$ref": "https://example.test/x"}}},
            "doesn't fetch remote",
        ),
        ({"a": at_spec({"$ref": "b.json"})}, "b.json: file not found"),
        ({"a": at_spec({"$ref": "b.json#/$defs/x"}), "b": {}}, "$ref #/$defs/x can't be resolved"),
        ({"a": at_spec({"$ref": "#nowhere"})}, "can't be resolved"),
        ({"a": {"$ref": "#"}}, "refers to itself"),
        ({"a": at_spec({"$ref": "b.json"}), "b": {"type": "word"}}, "b.json: is not a valid JSON Schema: type: 'word'"),
        ({"a": {"type": "word"}}, "not a"),
        ({"a": at_spec({"pattern": "("})}, "not a"),
        ({"a": []}, "is not a JSON Schema but a list"),
        ({"a": "{"}, "cannot be read"),
    ],
)
def test_an_unusable_schema_is_refused(files: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        read_policy_schema(written(tmp_path, **files))
    assert message in refused.value.message


def test_a_schema_may_be_written_in_yaml(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("# ours\nproperties:\n  spec: {maximum: 300}\n")
    assert messages(path, {"spec": 400}) == [SLOW]
