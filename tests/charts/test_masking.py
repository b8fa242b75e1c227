"""Go templates masked as YAML: unmasked they are what they were, to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartgen.charts.gotemplate.blocks import parse
from chartgen.charts.gotemplate.masking import has_actions, masked
from chartgen.errors import ConflictError

FIXTURES = Path(__file__).parents[2] / "fixtures" / "charts"
PIECES = [
    "{{ .a }}",
    "{{- if .b }}",
    "{{- end }}",
    "{{/* c */}}",
    "#",
    "a: ",
    "- ",
    " ",
    "\n",
    "\r\n",
    '"',
    "\ufeff",
    "é",
]


@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
def test_unmasking_gives_the_same_text(text: str) -> None:
    if not parse(text).sound:
        with pytest.raises(ConflictError):
            masked(text)
        return
    mask = masked(text)
    assert mask.unmasked(mask.text) == text
    for action in mask.actions:
        assert mask.unmasked(mask.text[: mask.at(action.end)]) == text[: action.end]


@pytest.mark.parametrize("path", sorted(FIXTURES.rglob("templates/**/*.*")), ids=lambda path: path.parent.parent.name)
def test_templates_of_fixtures_are_the_same_again(path: Path) -> None:
    text = path.read_bytes().decode()
    mask = masked(text)
    assert mask.unmasked(mask.text) == text
    assert has_actions(mask.text) == bool(mask.actions)
