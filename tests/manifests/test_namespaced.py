"""The namespace is added to plain YAML without ruamel: at the place that ruamel finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgen.inputs.yaml import yaml_document, yaml_node
from chartgen.manifests import namespaced
from chartgen.manifests.documents import split

FIXTURES = Path(__file__).parents[2] / "fixtures"
DOCUMENTS = sorted(
    {
        text
        for path in FIXTURES.rglob("*.yaml")
        for *_, text in split(path.read_text(encoding="utf-8"))
        if "{{" not in text and "\nmetadata:" in text
    }
)
ODD = {
    "a comment before the first key": "kind: Canary\nmetadata:\n  # of the release\n  name: web\n",
    "keys with the indent of a list": "metadata:\n    labels:\n    - a: b\n    name: web\nkind: Canary\n",
    "a word like the key": "kind: Canary\nspec:\n  metadata:\n    name: x\nmetadata:\n  name: namespace\n",
    "a block scalar that looks like metadata": "spec:\n  query: |\n    metadata:\n      name: x\nmetadata:\n  name: web\n",
    "text after U+0085, which ends a line for ruamel": 'metadata:\n  name: web\n  note: "a\x85b"\n',
    "a tab": "metadata:\n  name:\tweb\n",
    "windows": "metadata:\r\n  name: web\r\n",
    "twice": "metadata:\n  name: a\nmetadata:\n  name: b\n",
}


def added(text: str) -> str | None:
    return namespaced._plainly_added(text, "shop")


@pytest.mark.parametrize("text", [*DOCUMENTS, *ODD.values()])
def test_the_place_is_the_one_that_ruamel_finds(text: str) -> None:
    plainly = added(text)
    if plainly is not None:
        assert plainly == namespaced._added(yaml_node(text.replace("\t", " ")), text, "shop")
        assert yaml_document(plainly)["metadata"]["namespace"] == "shop"


def test_documents_of_charts_are_plain() -> None:
    assert [text for text in DOCUMENTS if added(text)]
