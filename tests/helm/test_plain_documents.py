"""Documents that are read without Helm have the values that Helm reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartgen.charts.load import load_chart
from chartgen.errors import RenderError
from chartgen.helm.binary import BinaryEngine
from chartgen.helm.embedded import EmbeddedEngine
from chartgen.helm.plain_documents import plain_values, read_plain
from chartgen.helm.request import RenderRequest
from chartgen.manifests.documents import split
from chartgen.manifests.rendering import render
from tests.charts.test_plain_yaml import PIECES
from tests.conftest import CHARTS

if TYPE_CHECKING:
    from chartgen.helm.engine import Engine

SCALARS = (
    "y", "Yes", "on", "~", "null", "", "true", "True", "0", "-0", "-1", "007", "0x1f", "0b1", "0o7", "1_000", "1e3", "12",
    "123456789012345", "1234567890123456", "1.0", "0.5", "-0.5", "1.", ".5", "1.16.0", "1.2.3-alpine", "10.0.0.1", "50%",
    "60s", "500ms", "100Mi", "1:30", "2024-01-02", ".inf", "-inf", "+1", "-x", "--x", "/a", "_1", "a:b", "a b", "http://a/b",
    "'1'", '"true"', "''", "a 'b'", "nan", "NaN", "inf", "n", "N", "no", "nowhere", "0.1234567", "99999999.5", "1d", "1e", "0b",
    "0.0", "-0.0", "1.10", "1m", "5h", "a,b", "a]", "[1, '1', true, no, null]", '[a b, "c"]', "{}", "[]", "0.30000000000000004",
)  # fmt: skip


def same(engine: Engine, text: str) -> bool:
    """Whether the text is read without Helm; what is read must be what Helm reads, with the same types and order."""
    read = read_plain(text)
    if read is None:
        return False
    helm = engine.read_yaml(text)
    assert typed(read) == typed(helm), text
    return True


def typed(node: Any) -> Any:
    """The node with the types of its values and the order of its keys."""
    if isinstance(node, dict):
        return [(key, typed(value)) for key, value in node.items()]
    return [typed(item) for item in node] if isinstance(node, list) else (type(node), node)


def test_what_charts_render(engine: Engine) -> None:
    texts = []
    for folder in sorted(CHARTS.iterdir()):
        chart = load_chart(folder)
        rendered = engine.render(chart, RenderRequest())
        texts += [text for file in rendered.values() for *_, text in split(file)]
        texts.append(chart.text("values.yaml") if "values.yaml" in chart.files else "")
    plain = [text for text in texts if same(engine, text)]
    assert len(plain) > 0.7 * len(texts)


def test_values_of_charts(any_engine: Engine) -> None:
    charts = [load_chart(folder) for folder in sorted(CHARTS.iterdir())]
    found = [(chart, plain_values(chart, RenderRequest())) for chart in charts]
    plain = [(chart, values) for chart, values in found if values is not None]
    assert len(plain) > len(charts) / 4
    # Programs are slow to start; rendering prints the values that templates see.
    for chart, values in plain[:4] if isinstance(any_engine, BinaryEngine) else plain:
        assert typed(values) == typed(render(any_engine, chart, RenderRequest(), "").values)


@pytest.mark.parametrize("scalar", SCALARS)
def test_scalars(scalar: str, engine: Engine) -> None:
    texts = (f"a: {scalar}\n", f"a:\n- {scalar}", f"a: {scalar}  # b\n", f"{scalar.strip(chr(34) + chr(39))}: 1\n")
    for text in texts:
        try:
            engine.read_yaml(text)
        except RenderError:
            assert read_plain(text) is None
        else:
            same(engine, text)


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  b\n",
        "a: |\n  b",
        "a: |-\n  b\n\n\n",
        "a: |+\n  b\n\n\nc: 1\n",
        "a: |+\n  b\n\n",
        "a: |\n  b\n\n    c\n  # d\nd: 1",
        "a: |\n\n\n  b\n# c\nd: 1\n",
        "a: |  # b\n    c\n\nd: e\n",
        "---\na: 1\n",
    ],
)
def test_literals(text: str, engine: Engine) -> None:
    assert same(engine, text)


@pytest.mark.parametrize(
    "text", ["a: >\n  b\n", "a: |2\n   b\n", "- b: |\n  c\n", "a: |\n  b\n c\n", "a: *b\n", "on: 1\n", "a: 1.5e3\n"]
)
def test_what_only_helm_reads(text: str) -> None:
    assert read_plain(text) is None


HELM = EmbeddedEngine()
LINES = st.one_of(PIECES, st.sampled_from(SCALARS).map("x: {}".format), st.sampled_from(SCALARS).map("- {}".format))


@given(st.lists(st.tuples(st.sampled_from([0, 0, 2, 2, 4, 1, 3]), LINES), max_size=9), st.booleans())
def test_random_lines(lines: list[tuple[int, str]], ends: bool) -> None:
    same(HELM, "\n".join(" " * indent + piece for indent, piece in lines) + ("\n" if ends else ""))
