"""Go templates masked as YAML: unmasking restores every byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartgen.charts.gotemplate.blocks import parse
from chartgen.charts.gotemplate.masking import has_actions, mask_actions
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
            mask_actions(text)
        return
    masked = mask_actions(text)
    assert masked.unmasked(masked.text) == text
    for action in masked.actions:
        assert masked.unmasked(masked.text[: masked.at(action.end)]) == text[: action.end]


@pytest.mark.parametrize("path", sorted(FIXTURES.rglob("templates/**/*.*")), ids=lambda path: path.parent.parent.name)
def test_templates_of_fixtures_are_the_same_again(path: Path) -> None:
    text = path.read_bytes().decode()
    masked = mask_actions(text)
    assert masked.unmasked(masked.text) == text
    assert has_actions(masked.text) == bool(masked.actions)
