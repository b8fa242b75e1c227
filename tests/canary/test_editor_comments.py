"""`--values-schema` and `--helm-docs`: comments in values.yaml for editors and helm-docs, on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartgen.canary.editor_comments import commented, without_schema_line
from chartgen.canary.files import values_block
from chartgen.canary.options import AddCanaryOptions
from chartgen.edits.yaml_undo import add_block, remove_block
from chartgen.errors import ConflictError
from tests.canary.small_charts import small_chart
from tests.canary.test_whole_charts import files_of
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "../../schemas/canary-values.schema.json"
LINE = f"# yaml-language-server: $schema={SCHEMA}"
BOTH = ("--values-schema", SCHEMA, "--helm-docs")
NOTHING = "nothing to do: the chart already has this canary\n"
OPTIONS = AddCanaryOptions(values_schema=SCHEMA, helm_docs=True)
SHAPES = [
    None,
    "",
    "# Values of the shop.\n\na: 1\n",
    "a: 1",
    "a: 1\n\n\n",
    "\ufeff# Values\na: 1\n",
    "a: 1\r\nb: 2\r\n",
    "---\na: 1\n",
    "---\na: 1\n...\n",
    "a: |\n  text\n\n",
    "{}\n",
]


@pytest.mark.parametrize("before", SHAPES, ids=repr)
def test_every_file_is_restored_to_the_byte(before: str | None) -> None:
    data = None if before is None else before.encode()
    after = commented(add_block(data, "canary", values_block(OPTIONS)), OPTIONS)
    first = after.decode().removeprefix("\ufeff").splitlines()[0]
    assert first == LINE
    assert after.count(b"# -- ") > 8
    assert commented(after, OPTIONS) == after
    assert remove_block(without_schema_line(after, "canary"), "canary") == data


def test_line_endings_and_the_byte_order_mark_are_kept() -> None:
    after = commented(add_block(b"\xef\xbb\xbfa: 1\r\n", "canary", values_block(OPTIONS)), OPTIONS)
    assert after.startswith(b"\xef\xbb\xbf# yaml-language-server: ")
    assert after.count(b"\n") == after.count(b"\r\n")


@pytest.mark.parametrize(
    "options", [AddCanaryOptions(), AddCanaryOptions(hosts=("a.example.com",), step_weights=(1, 5))]
)
def test_every_setting_is_described_and_no_other_line_changes(options: AddCanaryOptions) -> None:
    plain = add_block(b"a: 1\n", "canary", values_block(options)).decode()
    asked = AddCanaryOptions(hosts=options.hosts, step_weights=options.step_weights, helm_docs=True)
    after = commented(plain.encode(), asked).decode()
    added = [line for line in after.splitlines() if line.strip().startswith("# -- ")]
    without = [line.replace("# -- ", "# ") for line in after.splitlines()]
    missing = [line for line in without if line not in plain.splitlines()]
    assert [line for line in without if line not in missing] == plain.splitlines()
    assert len(missing) < len(added)
    lines = after.splitlines()
    settings = [number for number, line in enumerate(lines) if line.startswith("    ") and line[4].isalpha()]
    for number in settings:
        start = next(above for above in range(number, 0, -1) if not lines[above - 1].lstrip().startswith("#"))
        assert any(comment.startswith("    # -- ") for comment in lines[start:number]), lines[number]


def test_comments_of_the_team_stay_as_they_are() -> None:
    block = "canary:\n  # our switch\n  enable: true\n  # -- ours\n  provider: istio\n"
    after = commented(block.encode(), AddCanaryOptions(helm_docs=True)).decode()
    assert after == (
        "canary:\n  # our switch\n  # -- whether a release renders the Canary\n  enable: true\n"
        "  # -- ours\n  provider: istio\n"
    )


@pytest.mark.parametrize("text", [f"{LINE}\na: 1\n", f"a: 1\n{LINE}\n"])
def test_a_line_of_the_team_with_the_same_schema_is_enough_and_stays(text: str) -> None:
    options = AddCanaryOptions(values_schema=SCHEMA)
    added = add_block(text.encode(), "canary", values_block(options))
    assert commented(added, options) == added
    assert remove_block(without_schema_line(added, "canary"), "canary") == text.encode()


def test_a_line_of_the_team_with_another_schema_is_a_conflict() -> None:
    with pytest.raises(ConflictError) as caught:
        commented(b"# x\n# yaml-language-server: $schema=other.json\ncanary:\n  enable: true\n", OPTIONS)
    assert caught.value.conflicts == ["values.yaml:2 already names the schema other.json"]


def test_a_block_in_braces_has_no_room_for_comments() -> None:
    with pytest.raises(ConflictError) as caught:
        commented(b"canary: {enable: true}\n", OPTIONS)
    assert "braces" in caught.value.conflicts[0]


@pytest.mark.parametrize("schema", ["", "a b.json", "a\nb", "a\tb"])
def test_a_schema_that_editors_would_cut_off_is_refused(schema: str, tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    before = files_of(folder)
    done = chartgen("add-canary", str(folder), "--values-schema", schema)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--values-schema" in done.stderr
    assert files_of(folder) == before


@pytest.mark.slow
def test_a_chart_gets_them_in_one_run_keeps_them_and_is_restored(tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"values.yaml": "# Values of the shop.\nreplicas: 2\n"})
    before = files_of(folder)
    shown = chartgen("add-canary", str(folder), *BOTH, "--diff")
    assert f"+{LINE}\n" in shown.stdout
    assert files_of(folder) == before
    done = chartgen("add-canary", str(folder), *BOTH)
    assert done.returncode == 0, done.stderr
    assert f"note: {SCHEMA} doesn't exist beside values.yaml: `chartgen schema values -o " in done.stderr
    for options in (BOTH, (), ("--helm-docs",)):
        assert chartgen("add-canary", str(folder), *options).stdout == NOTHING
    assert chartgen("add-canary", str(folder), "--interval", "30s").stdout == "change values.yaml\n"
    values = (folder / "values.yaml").read_text()
    assert values.startswith(f"{LINE}\n# Values of the shop.\n")
    assert "    # -- schedule interval (default 60s)\n    interval: 30s\n" in values
    assert chartgen("remove-canary", str(folder)).returncode == 0
    assert files_of(folder) == before


@pytest.mark.slow
def test_another_run_adds_or_changes_them(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    before = files_of(folder)
    assert chartgen("add-canary", str(folder)).returncode == 0
    templates = {path: data for path, data in files_of(folder).items() if path != "values.yaml"}
    for options in (BOTH, ("--values-schema", "https://example.com/values.json")):
        done = chartgen("add-canary", str(folder), *options)
        assert (done.returncode, done.stdout) == (0, "change values.yaml\n"), done.stderr
        assert chartgen("add-canary", str(folder), *options).stdout == NOTHING
    values = (folder / "values.yaml").read_text()
    assert values.startswith("# yaml-language-server: $schema=https://example.com/values.json\n")
    assert values.count("yaml-language-server") == 1
    assert {path: data for path, data in files_of(folder).items() if path != "values.yaml"} == templates
    assert chartgen("remove-canary", str(folder)).returncode == 0
    assert files_of(folder) == before


@pytest.mark.slow
def test_the_schema_of_chartgen_accepts_the_block(tmp_path: Path) -> None:
    import json

    import jsonschema
    from ruamel.yaml import YAML

    folder = small_chart(tmp_path)
    schema = folder / "canary-values.schema.json"
    assert chartgen("schema", "values", "-o", str(schema)).returncode == 0
    done = chartgen("add-canary", str(folder), "--values-schema", schema.name)
    assert done.returncode == 0, done.stderr
    assert "doesn't exist" not in done.stderr
    values = YAML(typ="safe").load((folder / "values.yaml").read_text())
    jsonschema.validate(values, json.loads(schema.read_text()))
    values["canary"]["canaryAnalysis"]["interval"] = ["60s"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(values, json.loads(schema.read_text()))
