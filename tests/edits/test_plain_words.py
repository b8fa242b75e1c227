"""Words that are written without quotes, and without asking ruamel, are read as themselves by every version of YAML."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from chartgen.edits.yaml_flow import format_scalar

WORDS = (
    "y",
    "No",
    "on",
    "OFF",
    "true",
    "null",
    "Null",
    "nan",
    "inf",
    "e5",
    "x",
    "yes.",
    "a/b",
    "a/",
    "a.b-c_d",
    "ON/x",
    "-a",
)
TEXTS = st.lists(st.sampled_from([*WORDS, *"abnoyE019.-_/"]), min_size=1, max_size=4).map("".join)


def read(text: str, version: tuple[int, int]) -> object:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = version
    return yaml.load(text)


@given(st.one_of(TEXTS, st.sampled_from(WORDS)))
def test_a_text_stays_a_text(text: str) -> None:
    written = format_scalar(text)
    for version in ((1, 1), (1, 2)):
        assert read(f"a: {written}\n", version) == {"a": text}
        assert read(f"{{a: {written}, b: [{written}]}}\n", version) == {"a": text, "b": [text]}


def test_a_text_that_is_no_value_is_quoted() -> None:
    assert format_scalar(":") == '":"'


def test_most_words_need_no_quotes() -> None:
    assert [word for word in WORDS if format_scalar(word) == word] == [
        word for word in WORDS if not re.fullmatch("(?i)y|no|on|off|true|null", word)
    ]
