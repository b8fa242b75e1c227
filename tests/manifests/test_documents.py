"""Rendered text into objects: split and read as Helm does, with the place of each."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartgen.charts.chart import Chart
from chartgen.charts.load import load_chart
from chartgen.errors import RenderError
from chartgen.helm.request import RenderRequest
from chartgen.manifests.documents import manifests_of, split
from chartgen.manifests.manifest import Manifest, value_at
from chartgen.manifests.rendering import render
from chartgen.manifests.tracing.template_text import helm_template_text
from tests.conftest import CHARTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.helm.engine import Engine

META = b"apiVersion: v2\nname: app\nversion: 0.1.0\n"

SPLITS = [
    ("a: 1\n", ["a: 1"]),
    ("---\na: 1\n---\nb: 2\n", ["a: 1", "b: 2"]),
    ("\n\n---\n\n---\na: 1\n---\n", ["---\na: 1"]),  # `^` is the start of the text alone
    ("a: 1\n--- # words\nb: 2\n", ["a: 1", "# words\nb: 2"]),
    ("a: 1\n---b: 2\n", ["a: 1", "b: 2"]),
    ("a: |\n  x\n  ---\n  y\n", ["a: |\n  x\n  ---\n  y"]),
    ("a: '---'\n", ["a: '---'"]),
    ("", []),
    ("---\n", []),
]


@pytest.mark.parametrize(("text", "expected"), SPLITS, ids=[repr(text) for text, _ in SPLITS])
def test_documents_are_split_where_helm_splits_them(text: str, expected: list[str]) -> None:
    assert [piece for _, _, piece in split(text)] == expected


@given(st.text(alphabet="a:- \n#'|\r", max_size=60))
def test_lines_and_numbers_of_documents(text: str) -> None:
    pieces = list(split(text))
    assert [index for index, _, _ in pieces] == list(range(len(pieces)))
    for _, line, piece in pieces:
        assert text.split("\n")[line - 1].endswith(piece.split("\n")[0].rstrip("\r")) or piece.split("\n")[0] in text


def test_each_object_knows_where_it_stands(engine: Engine) -> None:
    text = "\n# first\nkind: A\nmetadata: {name: a}\n---\n# only words\n---\n\nkind: B\nmetadata: {name: b, namespace: shop}\n"
    one, other = manifests_of(engine, {"app/templates/x.yaml": text})
    assert (one.kind, one.name, one.namespace, one.line) == ("A", "a", None, 2)
    assert (other.kind, other.name, other.namespace, other.line) == ("B", "b", "shop", 9)
    assert other.document > one.document


def test_what_is_no_object_is_left_out(engine: Engine) -> None:
    texts = {"app/templates/_x.tpl": "kind: A", "app/templates/NOTES.txt": "kind: A", "app/templates/y.yaml": "# A\n"}
    assert manifests_of(engine, texts) == ()


@pytest.mark.parametrize("text", ["- a\n", "just words\n"])
def test_a_document_that_is_no_map_is_refused(text: str, engine: Engine) -> None:
    with pytest.raises(RenderError, match=r"app/templates/x\.yaml"):
        manifests_of(engine, {"app/templates/x.yaml": text})


def test_unreadable_yaml_is_told_with_its_place(any_engine: Engine) -> None:
    files = {"Chart.yaml": META, "templates/x.yaml": b"kind: A\n---\nkind: {{ `[` }}\n"}
    with pytest.raises(RenderError) as caught:
        render(any_engine, Chart(Path("app"), "app", files), RenderRequest(), "")
    assert caught.value.template == "app/templates/x.yaml"


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (("a", "b", 1), "y"),
        (("a", "b", -1), "y"),
        (("a", "b", 2), None),
        (("a", "b", "x"), None),
        (("a", "app.kubernetes.io/name"), "web"),
        (("c",), None),
        ((), {"a": {"b": ["x", "y"], "app.kubernetes.io/name": "web"}, "c": None}),
    ],
)
def test_values_at_routes(route: tuple[str | int, ...], expected: object) -> None:
    document = {"a": {"b": ["x", "y"], "app.kubernetes.io/name": "web"}, "c": None}
    assert value_at(document, route) == expected
    assert Manifest("t", 0, 1, "", document).get(route) == expected


def helm_says(program: Path, folder: Path, release: str) -> str:
    command = [str(program), "template", release, str(folder), "--namespace", "shop"]
    environment = {**os.environ, "KUBECONFIG": os.devnull}
    return subprocess.run(command, capture_output=True, check=True, env=environment).stdout.decode()


_BLANK_END = re.compile(r"\s*\n(?=---\n|\Z)")
NAMES = sorted(path.name for path in CHARTS.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_what_helm_template_prints(name: str, engine: Engine, helm_binary: Path) -> None:
    """What the proof compares is what a user would see, byte for byte."""
    chart = load_chart(CHARTS / name)
    rendering = render(engine, chart, RenderRequest(release_name="blue", namespace="shop"), "")
    ours, theirs = helm_template_text(rendering), helm_says(helm_binary, CHARTS / name, "blue")
    if helm_binary.name.endswith("4.3"):
        # Unlike those before it, Helm 4.3 prints the blank lines at the end of a document.
        ours, theirs = (_BLANK_END.sub("\n", text) for text in (ours, theirs))
    assert ours == theirs


KINDS = ("Zebra", "Deployment", "Service", "Ingress", "ConfigMap", "Canary", "Job", "Namespace", "Secret", "Aardvark")


@pytest.fixture
def mixed(tmp_path: Path) -> Callable[[str], Path]:
    """A chart of many kinds in two files, some of them hooks."""

    def write(end: str) -> Path:
        folder = tmp_path / "app"
        (folder / "templates").mkdir(parents=True)
        (folder / "Chart.yaml").write_bytes(META)
        for file, kinds in (("b", KINDS), ("a", KINDS[::2])):
            documents = [
                f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {file}-{number}\n"
                + ("  annotations: {helm.sh/hook: pre-install}\n" if number == 6 else "")
                for number, kind in enumerate(kinds)
            ]
            (folder / "templates" / f"{file}.yaml").write_text(f"# head\n{end}---\n".join(documents) + end)
        return folder

    return write


@pytest.mark.parametrize("end", ["", "\n", "\n\n  \n"])
def test_objects_stand_in_helms_order(
    end: str, mixed: Callable[[str], Path], engine: Engine, helm_binary: Path
) -> None:
    folder = mixed(end)
    rendering = render(engine, load_chart(folder), RenderRequest(release_name="blue", namespace="shop"), "")
    ours, theirs = helm_template_text(rendering), helm_says(helm_binary, folder, "blue")
    assert [line for line in ours.splitlines() if "name:" in line] == [
        line for line in theirs.splitlines() if "name:" in line
    ]
    assert ours.split() == theirs.split()
