"""Documents of every shape that were sent to real API servers: fixing handles all, and a second run changes nothing."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from chartgen.lint.fixing.editable_source import EditableManifests
from chartgen.lint.manifest_files import manifest_releases
from tests.admission import answers
from tests.lint.fixing.sources import fix_all
from tests.rules.harness import engine

pytestmark = pytest.mark.slow

FILES = sorted((Path(__file__).parents[3] / "fixtures" / "admission").glob("*.jsonl.gz"))
# Every 127th document: all of them take minutes.
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
    for answer in [answer for file in FILES for answer in list(answers(file))[:: STRIDE * 2 if flow else STRIDE]]:
        text = as_yaml(answer.document, flow=flow)
        source = EditableManifests(
            engine, manifest_releases(engine, text, "x.yaml", "default"), Path("x.yaml"), text.encode(), ""
        )
        done = fix_all(source)
        fixed += len(done.made)
        if done.made:
            assert fix_all(done.source).made == ()
    assert fixed > 20
