"""Go templates, read: actions, blocks, and what no text may do to the reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartgen.charts.gotemplate.blocks import parse, variables_in
from tests.conftest import CHARTS


def bodies(text: str) -> list[str]:
    return [action.body for action in parse(text).actions]


ACTIONS = [
    ("a: {{ .Values.a }}", [".Values.a"]),
    ("{{- if .a -}} x {{- end -}}", ["if .a", "end"]),
    ('{{ "}}" }}{{ `}}` }}{{ \'"\' }}', ['"}}"', "`}}`", "'\"'"]),
    ("{{/* a }} comment {{ */}}{{ .b }}", ["/* a }} comment {{ */", ".b"]),
    ("{{- /* it's */ -}}{{ .b }}", ["/* it's */", ".b"]),
    ('{{ printf "%s\\"}}" .a }}', ['printf "%s\\"}}" .a']),
    ("{{ .a\n  | quote\n}}", [".a\n  | quote"]),
    ("{{- -1 }}{{-1}}", ["-1", "-1"]),
    ("{{ .a", []),
    ("}} {{ .a }} {", [".a"]),
]


@pytest.mark.parametrize(("text", "expected"), ACTIONS, ids=[text for text, _ in ACTIONS])
def test_actions_end_where_go_ends_them(text: str, expected: list[str]) -> None:
    assert bodies(text) == expected


def test_trim_marks() -> None:
    assert [
        (action.trims_left, action.trims_right) for action in parse("{{- .a }}{{ .a -}}{{-3}}{{- /* */ -}}").actions
    ] == [
        (True, False),
        (False, True),
        (False, False),
        (True, True),
    ]


def test_keywords_are_whole_words() -> None:
    keywords = [action.keyword for action in parse("{{ iffy }}{{ if .a }}{{ else if .b }}{{ end }}{{ .end }}").actions]
    assert keywords == ["", "if", "else", "end", ""]


BRANCHES = """\
{{- if .a }}
one
{{- else if .b }}
two
{{- else }}
three
{{- end }}
{{- with .c }}{{ range $k, $v := .d }}four{{ end }}{{ end }}
five
"""


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("one", [("if", ".a", ())]),
        ("two", [("if", ".b", (".a",))]),
        ("three", [("if", "", (".a", ".b"))]),
        ("four", [("with", ".c", ()), ("range", "$k, $v := .d", ())]),
        ("five", []),
    ],
)
def test_the_branches_around_a_place(word: str, expected: list[tuple[str, str, tuple[str, ...]]]) -> None:
    around = parse(BRANCHES).conditions_at(BRANCHES.index(word))
    assert [(branch.kind, branch.expression, branch.excluded) for branch in around] == expected


def test_named_templates() -> None:
    text = '{{ define "a.b" }}x{{ end }}{{- define `c` -}}y{{ end }}'
    assert [name for name, _ in parse(text).definitions()] == ["a.b", "c"]


@pytest.mark.parametrize(
    ("text", "sound"),
    [("{{ if .a }}{{ end }}", True), ("{{ if .a }}", False), ("{{ end }}", False), ("{{ else }}", False), ("", True)],
)
def test_unbalanced_blocks_are_reported(text: str, sound: bool) -> None:
    assert parse(text).sound is sound


@pytest.mark.parametrize(
    ("piece", "balanced"),
    [
        ("{{ if .a }}x{{ end }}", True),
        ("x{{ end }}", False),
        ("{{ if .a }}x", False),
        ("f .a }}x", False),
        ("{{ else }}y", False),
        ("{{ if .a }}x{{ else }}y{{ end }}", True),
    ],
)
def test_what_can_be_moved_as_a_whole(piece: str, balanced: bool) -> None:
    text = "{{ if .a }}x{{ else }}y{{ end }}" if "else" in piece else "{{ if .a }}x{{ end }}"
    start = text.index(piece)
    assert parse(text).is_balanced(start, start + len(piece)) is balanced


def test_variables_in_strings_are_none() -> None:
    assert variables_in('$a.b | printf "$c" $ `$d` $e') == {"a", "e"}


@pytest.mark.parametrize(
    ("action", "names"),
    [("$a := 1", ("a",)), ("$a = .b", ("a",)), ("$a, $b := .c", ("a", "b")), ("if $a := .b", ()), ("$a", ())],
)
def test_assignments(action: str, names: tuple[str, ...]) -> None:
    (read,) = parse(f"{{{{ {action} }}}}").actions
    assert read.assigned == names


def test_every_fixture_template_is_sound() -> None:
    texts = [path.read_text() for path in CHARTS.rglob("templates/*") if path.is_file()]
    assert len(texts) > 20
    assert all(parse(text).sound for text in texts)


PIECES = st.lists(
    st.sampled_from((
        "{{", "}}", "{{-", "-}}", " ", "if .a", "else", "end", "define `x`", "range", '"', "`", "'", "/*", "*/", "\\",
        "\n", "\r\n", "a: ", "$x := 1", "{", "-", "template", "\ufeff", "\udcff",
    )),
    max_size=25,
).map("".join)  # fmt: skip


@given(PIECES | st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    read = parse(text)
    for action in read.actions:
        assert text[action.start : action.start + 2] == "{{"
        assert text[action.end - 2 : action.end] == "}}"
        assert action.body in text
        assert isinstance(action.expression, str)
        assert isinstance(action.assigned, tuple)
    ends = [0, *(end for action in read.actions for end in (action.start, action.end))]
    assert ends == sorted(ends)
    for offset in range(len(text)):
        around = read.conditions_at(offset)
        assert all(branch.opener.end <= offset < branch.end.start for branch in around)
    assert read.is_balanced(0, len(text)) or not read.sound or not read.actions
