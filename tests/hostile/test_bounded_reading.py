"""Texts of strangers that cost more to read or to match than they are worth."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartgen.charts.ignore import Ignore
from chartgen.errors import InputError
from chartgen.inputs.schema import BoundedSchema, refuse_patterns
from chartgen.inputs.shape import bounded, json_document
from chartgen.inputs.yaml import yaml_document, yaml_node
from chartgen.lint.suppress import directives
from chartgen.manifests.documents import split
from tests.hostile.charts import CANARY, META, chart
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

SECONDS = 20  # what takes a fraction of it today; the attacks took minutes


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < SECONDS


def aliases(depth: int, width: int = 9) -> str:
    """A YAML map that is small to read and width^depth values to walk."""
    levels = (f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]\n" for n in range(1, depth + 1))
    return "a0: &a0 [x]\n" + "".join(levels)


YAML = {
    "nested-lists": ("x: " + "[" * 3000 + "]" * 3000, "nested more than 100 levels"),
    "nested-lists-unclosed": ("x: " + "[" * 100_000, "nested more than 100 levels"),
    "nested-maps": ("x: " + "{a: " * 900 + "1" + "}" * 900, "nested more than 100 levels"),
    "nested-dashes": ("- " * 900 + "x", "nested more than 100 levels"),
    "nested-blocks": ("".join(f"{' ' * n}a:\n" for n in range(900)), "nested more than 100 levels"),
    "aliases": (aliases(8), "aliases expand to more than"),
    "alias-chain": ("a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 200)), "100 levels"),
    "alias-of-itself": ("a: &a [*a]", "an alias contains itself"),
    "alias-of-its-map": ("a: &a\n  b: *a", "an alias contains itself"),
    "digits": ("a: " + "9" * 5000, "a number of 5,000 characters"),
    "hexadecimal": ("a: 0x" + "f" * 5000, "a number of 5,002 characters"),
    "float": ("a: 1." + "0" * 5000, "a number of 5,002 characters"),
    "bool": ("a: !!bool zz", "does not fit its tag"),
    "int": ("a: !!int zz", "does not fit its tag"),
    "date": ("a: 2001-99-99", "does not fit its tag"),
    "unknown-tag": ("a: !!python/object:os.system x", "could not determine a constructor"),
    "control": ("a: \x1b", "unacceptable character"),
    "large": ("#" * 2_000_000, "more than 1 MiB"),
}


@pytest.mark.parametrize(("text", "words"), YAML.values(), ids=YAML)
def test_yaml_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        yaml_document(text)


def test_a_chart_may_have_many_aliases_that_are_only_looked_up() -> None:
    assert yaml_node(aliases(30)) is not None
    with pytest.raises(InputError):
        yaml_document(aliases(30))


@given(st.text(alphabet="ab:-?&*!{}[],'\"#|>%@` \n\t0x\x1b\ud800", max_size=60))
@settings(max_examples=300, deadline=None)
def test_yaml_is_read_or_refused(text: str) -> None:
    for read in (yaml_document, yaml_node):
        try:
            read(text)
        except InputError:
            continue


JSON = {
    "nested": '{"a": ' * 900 + "1" + "}" * 900,
    "nested-deeper": "[" * 100_000,
    "digits": '{"a": ' + "9" * 5000 + "}",
    "no-json": "{",
}


@pytest.mark.parametrize("text", JSON.values(), ids=JSON)
def test_json_is_refused_in_words(text: str) -> None:
    with pytest.raises(InputError):
        json_document(text)


def test_depth_is_counted_in_lists_and_maps() -> None:
    inner: object = 1
    for _ in range(98):
        inner = [inner]
    assert bounded({"a": inner})
    with pytest.raises(InputError, match="100 levels"):
        bounded({"a": [inner]})
    with pytest.raises(InputError, match="1,000 digits"):
        bounded({"a": 1 << 100_000})


CONFIG = {
    "alias-bomb": aliases(8),
    "deep": "policy: " + "{a: " * 900 + "1" + "}" * 900,
    "digits": "policy: {max-wait: " + "9" * 5000 + "}",
    "bool": "ignore: !!bool zz",
    "cyclic": "policy: &a {b: *a}",
    "endless-schema": "policy: {schema: /dev/zero}",
    "many-stars": f"ignore: [{{rule: step-weight-above-max, path: '{'*a' * 300}b'}}]",
}


@pytest.mark.parametrize("text", CONFIG.values(), ids=CONFIG)
def test_a_configuration_is_read_or_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "chartgen.yaml").write_text(text)
    done = chartgen("lint", str(chart(tmp_path / "app")))
    assert done.returncode in (1, 2)
    assert "this is a bug" not in done.stderr


def test_a_table_of_pyproject_is_read_or_refused(tmp_path: Path) -> None:
    for text in (f"{'a.' * 900}b = 1", f"a = {'[' * 900}{']' * 900}", f"a = 0x{'f' * 5000}", f"a = {'9' * 5000}"):
        (tmp_path / "pyproject.toml").write_text(f"[tool.chartgen]\n{text}\n")
        done = chartgen("lint", str(chart(tmp_path / "app")))
        assert done.returncode == 2
        assert "this is a bug" not in done.stderr


def test_a_baseline_is_read_or_refused(tmp_path: Path) -> None:
    (tmp_path / "baseline.json").write_text("[" * 100_000)
    done = chartgen("lint", str(chart(tmp_path / "app")), "--baseline", str(tmp_path / "baseline.json"))
    assert done.returncode == 2
    assert "baseline.json: isn't a baseline in JSON: nested" in done.stderr


SCHEMAS: dict[str, tuple[object, str]] = {
    "lookaround": ({"pattern": "(?=a)b"}, "cannot be used"),
    "backreference": ({"properties": {"spec": {"pattern": "(a)\\1"}}}, "cannot be used"),
    "name-lookaround": ({"patternProperties": {"(?!x)": {}}}, "cannot be used"),
    "unevaluated": ({"patternProperties": {"a": {}}, "unevaluatedProperties": False}, "not supported"),
    "itself": ({"$ref": "#"}, "refers to itself"),
    "doubling": (
        {
            "$ref": "#/$defs/d0",
            "$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)} | {"d40": True},
        },
        "takes more than 50,000 steps",
    ),
}


@pytest.mark.parametrize(("schema", "words"), SCHEMAS.values(), ids=SCHEMAS)
def test_a_policy_schema_is_refused_in_words(schema: object, words: str, tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    (tmp_path / "chartgen.yaml").write_text("policy: {schema: schema.json}\n")
    done = chartgen("lint", str(chart(tmp_path / "app")))
    assert done.returncode == 2
    assert words in done.stderr


def test_a_schema_of_5000_levels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"not": ' * 5000 + "{}" + "}" * 5000)
    (tmp_path / "chartgen.yaml").write_text("policy: {schema: schema.json}\n")
    done = chartgen("lint", str(chart(tmp_path / "app")))
    assert done.returncode == 2
    assert "nested" in done.stderr


@pytest.mark.parametrize(
    "dialect", ["https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#"]
)
def test_a_pattern_that_backtracks_takes_linear_time(dialect: str, tmp_path: Path) -> None:
    word = "a" * 1000
    metadata = {
        "$schema": dialect,
        "patternProperties": {"^(a+)+$": {}},
        "additionalProperties": {"pattern": "^(a|a)*$"},
    }
    schema = {"$schema": dialect, "properties": {"metadata": {"properties": {"labels": metadata}}}}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    (tmp_path / "chartgen.yaml").write_text("policy: {schema: schema.json}\nselect: [policy-schema]\n")
    labels = f"metadata:\n  labels: {{{word}: x, {word}!: {word}!, b: {word}}}\n"
    folder = chart(tmp_path / "app", **{"templates/canary.yaml": CANARY.replace("metadata:\n", labels)})
    done = chartgen("lint", str(folder), "--format", "concise")
    assert done.returncode == 1
    assert done.stdout.count("does not match '^(a|a)*$'") == 1


@given(st.dictionaries(st.text("ab", max_size=4), st.text("ab", max_size=4), max_size=4))
def test_patterns_mean_what_they_mean_to_jsonschema(instance: dict[str, str]) -> None:
    from jsonschema import Draft202012Validator

    schema = {
        "properties": {"a": {"pattern": "b"}},
        "patternProperties": {"^b": {"pattern": "^a*$"}, "bb$": {"type": "integer"}},
        "additionalProperties": {"pattern": "^b"},
        "minProperties": 1,
    }
    refuse_patterns(schema)
    ours = sorted(error.message for error in BoundedSchema(Draft202012Validator, schema).iter_errors(instance))
    assert ours == sorted(error.message for error in Draft202012Validator(schema).iter_errors(instance))
    closed = {"patternProperties": {"^b": True}, "additionalProperties": False}
    assert bool(list(BoundedSchema(Draft202012Validator, closed).iter_errors(instance))) == (
        not Draft202012Validator(closed).is_valid(instance)
    )


IGNORED = {
    "stars": ("*a" * 60 + "b", "a" * 200),
    "stars-and-classes": ("*[ab]" * 60 + "c", "ab" * 100),
    "stars-and-marks": ("*?" * 60 + "b", "a" * 200),
    "stars-over-folders": ("*/" * 20 + "*b", "a/" * 100 + "a"),
}


@pytest.mark.parametrize(("pattern", "path"), IGNORED.values(), ids=IGNORED)
def test_stars_of_a_helmignore_take_linear_time(pattern: str, path: str) -> None:
    ignore = Ignore(f"{pattern}\n")
    assert not any(ignore.ignores(path, is_folder=False) for _ in range(100))


def test_a_helmignore_has_bounds(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more than 1,000 patterns"):
        Ignore("*.a\n" * 2_000)
    ignore = Ignore(("*a" * 30 + "\n") * 900)
    with pytest.raises(InputError, match="takes too long to match"):
        any(ignore.ignores("b" * 200, is_folder=False) for _ in range(100_000))
    folder = chart(tmp_path / "app", **{".helmignore": "# x\n" * 20_000})
    assert "larger than 64 KiB" in chartgen("lint", str(folder)).stdout


COMMENTS = {
    "blanks": f"# chartgen: ignore[a]{' ' * 100_000}x",
    "reason": f"# chartgen: ignore[a] -- {'y ' * 50_000}{' ' * 50_000}x",
    "dashes": f"# chartgen: ignore[a] {'-- ' * 50_000}x",
    "until": f"# chartgen: ignore[a]{' until' * 50_000}",
    "open": "# chartgen: ignore[a" * 20_000,
    "lines": "# chartgen: ignore[a]\n" * 20_000,
    "empty-lines": "\n" * 100_000 + "x",
    "blank-lines": " \n" * 100_000 + "x",
    "separators": "---\n" * 20_000,
    "blanks-after-separator": f"---{' ' * 100_000}x",
}


@pytest.mark.parametrize("text", COMMENTS.values(), ids=COMMENTS)
def test_comments_and_blanks_take_linear_time(text: str, tmp_path: Path) -> None:
    list(directives({"a.yaml": text}))
    list(split(text))
    folder = chart(tmp_path / "app", **{"templates/canary.yaml": f"{CANARY}\n{text}\n"})
    done = chartgen("lint", str(folder))
    assert done.returncode in (0, 1)
    assert "this is a bug" not in done.stderr


def test_a_reason_is_read_as_before() -> None:
    texts = {
        "a": "x # chartgen: ignore[a, b] until 2027-01-01 -- why not */\n<!-- chartgen: ignore-file[c] -- so -->\n"
    }
    first, second = directives(texts)
    assert (set(first.rules), first.line, str(first.until), first.reason) == ({"a", "b"}, 1, "2027-01-01", "why not")
    assert (set(second.rules), second.line, second.whole_file, second.reason) == ({"c"}, 2, True, "so")
    assert not list(directives({"a": "# chartgen: ignore[a] because\n"}))


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-app
spec:
  selector:
    matchLabels:
      app: {{ .Release.Name }}-app
  template:
    metadata:
      labels:
        app: {{ .Release.Name }}-app
    spec:
      containers:
      - name: app
        image: app
        ports:
        - containerPort: 80
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-web
spec:
  ports:
  - port: 80
  selector:
    app: {{ .Release.Name }}-app
"""


def test_a_large_values_file_is_refused_by_add_canary(tmp_path: Path) -> None:
    for size, words in ((10 << 20, "larger than 5 MiB"), (3 << 20, "more than 1 MiB of YAML")):
        folder = chart(tmp_path / str(size), **{"values.yaml": "a: {b: [c, d]} # e\n" * (size // 19)})
        (folder / "templates/canary.yaml").rename(folder / "templates/app.yaml").write_text(DEPLOYMENT)
        done = chartgen("add-canary", str(folder), "--diff")
        assert done.returncode == 2
        assert words in done.stderr


BAD_CHARTS: dict[str, dict[str, str]] = {
    "dependencies": {"Chart.yaml": f"{META}dependencies: 5\n"},
    "dependencies-of-numbers": {"Chart.yaml": f"{META}dependencies: [5, [6], {{name: [7]}}]\n"},
    "bool": {"Chart.yaml": f"{META}x: !!bool zz\n"},
    "cyclic": {"Chart.yaml": f"{META}x: &x [*x]\n"},
    "nested": {"Chart.yaml": f"{META}x: {'[' * 900}{']' * 900}\n"},
    "name-of-folders": {"Chart.yaml": META.replace("name: app", "name: ../../app")},
    "name-of-a-list": {"Chart.yaml": META.replace("name: app", "name: [app]")},
    "values-nested": {"values.yaml": f"x: {'[' * 900}{']' * 900}\n"},
    "values-nested-more": {"values.yaml": f"x: {'[' * 3000}{']' * 3000}\n"},
    "manifest-nested": {"templates/canary.yaml": f"{CANARY}x: {'[' * 900}{']' * 900}\n"},
    "manifest-nested-more": {"templates/canary.yaml": f"{CANARY}x: {'[' * 3000}{']' * 3000}\n"},
    "schema-nested": {"values.schema.json": '{"not": ' * 900 + "{}" + "}" * 900},
    "digits": {"templates/canary.yaml": CANARY.replace("maxWeight: 50", f"maxWeight: {'9' * 5000}")},
    "control": {"templates/canary.yaml": CANARY.replace("maxWeight: 50", "maxWeight: 500 # \x1b[2J")},
    "tab": {"templates/canary.yaml": CANARY.replace("maxWeight", "max\tWeight")},
    "list-as-port": {"templates/canary.yaml": CANARY.replace("port: 80", "port: 80, targetPort: [8080]")},
    "superscript-as-port": {"templates/canary.yaml": CANARY.replace("port: 80", "port: 80, targetPort: ²")},
}


@pytest.mark.parametrize("files", BAD_CHARTS.values(), ids=BAD_CHARTS)
def test_a_bad_chart_silences_no_other(files: dict[str, str], tmp_path: Path) -> None:
    bad, good = chart(tmp_path / "bad", **files), chart(tmp_path / "good")
    done = chartgen("lint", str(bad), str(good), "--format", "concise")
    assert f"{good}/templates/canary.yaml" in done.stdout
    for command in (["emit"], ["plan"], ["add-canary", "--diff"]):
        done = chartgen(command[0], str(bad), *command[1:])
        assert done.returncode in (0, 1, 2)
        assert "this is a bug" not in done.stderr


def test_a_name_that_is_not_utf8_is_said_in_ascii(tmp_path: Path) -> None:
    bad, good = chart(tmp_path / "bad"), chart(tmp_path / "good")
    with open(bytes(bad / "templates") + b"/\xff\xfe.yaml", "w") as file:  # noqa: PTH123 - a name in bytes
        file.write("x: 1\n")
    done = chartgen("lint", str(bad), str(good))
    assert "\\xff\\xfe.yaml: the name is not UTF-8" in done.stdout
    assert "step-weight-above-max" in done.stdout
    assert sys.getdefaultencoding() == "utf-8"


def test_stdin_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chartgen.inputs.files.MANIFESTS_BYTES", 1 << 20)
    done = chartgen("lint", "-", given="# x\n" * 300_000)
    assert done.returncode == 2
    assert "more than 1 MiB" in done.stderr
    (tmp_path / "canary.yaml").write_text(CANARY)
    assert chartgen("lint", "-", given=CANARY).returncode == 1
