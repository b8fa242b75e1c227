"""Documents of every shape, as they were sent to real API servers: fixing breaks on none, and a second run does nothing."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from chartgen.lint.fixing.editable_source import EditableManifests
from chartgen.lint.manifest_files import manifest_releases
from tests.admission import answers
from tests.lint.fixing.benches import fixed_bench
from tests.rules.harness import engine

pytestmark = pytest.mark.slow

FILES = sorted((Path(__file__).parents[3] / "fixtures" / "admission").glob("*.jsonl.gz"))
# One document in so many: all of them take minutes.
STRIDE = 127


def as_yaml(document: dict[str, Any], *, flow: bool) -> str:
    from ruamel.yaml import YAML

    stream = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = flow
    yaml.dump(document, stream)
    return stream.getvalue()


@pytest.mark.parametrize("flow", [False, True], ids=["block", "flow"])
def test_no_shape_of_document_breaks_fixing(flow: bool) -> None:
    fixed = 0
    for answer in [one for file in FILES for one in list(answers(file))[:: STRIDE * 2 if flow else STRIDE]]:
        text = as_yaml(answer.document, flow=flow)
        bench = EditableManifests(
            engine, manifest_releases(engine, text, "x.yaml", "default"), Path("x.yaml"), text.encode(), ""
        )
        done = fixed_bench(bench)
        fixed += len(done.made)
        if done.made:
            assert fixed_bench(done.bench).made == ()
    assert fixed > 20
