"""Both engines are the same Helm: what the embedded one renders and reads, each official helm program does too."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.charts.chart import Chart
from chartgen.charts.load import load_chart
from chartgen.errors import HelmError, RenderError, UsageError
from chartgen.helm.binary import BinaryEngine
from chartgen.helm.request import RenderRequest, ValueSources
from chartgen.manifests.rendering import render
from chartgen.manifests.tracing.template_text import helm_template_text
from tests.conftest import CHARTS

if TYPE_CHECKING:
    from chartgen.helm.engine import Engine

NAMES = sorted(path.name for path in CHARTS.iterdir() if path.is_dir())
CHART = b"apiVersion: v2\nname: tried\nversion: 0.1.0\n"


@pytest.fixture
def binary(helm_binary: Path) -> BinaryEngine:
    return BinaryEngine(str(helm_binary))


def chart_of(template: str, values: str = "", **files: str) -> Chart:
    texts = {"templates/out.yaml": template, "values.yaml": values, **files}
    return Chart(Path("tried"), "tried", {"Chart.yaml": CHART, **{path: text.encode() for path, text in texts.items()}})


def printed(engine: Engine, request: RenderRequest, values: str = "") -> Any:
    """The values a template sees, through a template."""
    chart = chart_of("kind: Seen\nvalues: {{ .Values | toJson }}\n", values)
    (text,) = engine.render(chart, request).values()
    return json.loads(text.split("values:")[1])


@pytest.mark.parametrize("name", NAMES)
def test_the_same_objects_and_values_of_every_fixture(name: str, engine: Engine, binary: BinaryEngine) -> None:
    chart = load_chart(CHARTS / name)
    request = RenderRequest(release_name="shop", namespace="jx-production")
    ours, theirs = (render(manifest, chart, request, "") for manifest in (engine, binary))
    assert {(manifest.template, manifest.kind, manifest.name): dict(manifest.body) for manifest in ours.manifests} == {
        (manifest.template, manifest.kind, manifest.name): dict(manifest.body) for manifest in theirs.manifests
    }
    assert helm_template_text(ours) == helm_template_text(theirs)
    assert ours.values == theirs.values


@pytest.mark.parametrize("script", ["exit 1", "echo usage: x", "exit 0", "echo 'Error: open it' >&2; exit 1"])
def test_a_program_that_is_not_helm_is_rejected(script: str, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    with pytest.raises(HelmError) as rejected:
        BinaryEngine(str(program))
    assert rejected.value.message == f"{program} isn't helm 3.8 or newer"
    assert rejected.value.hint == "give --helm the path of a helm program"


def test_a_helm_that_is_too_old_is_rejected_with_its_version(tmp_path: Path) -> None:
    program = tmp_path / "helm"
    program.write_text("#!/bin/sh\necho v3.7.2\n")
    program.chmod(0o755)
    with pytest.raises(HelmError, match=r"is helm 3\.7\.2"):
        BinaryEngine(str(program))


def test_versions_are_plain_numbers(any_engine: Engine) -> None:
    assert [part.isdigit() for part in any_engine.version.split(".")] == [True] * 3


ORDER = [
    (ValueSources(), "default"),
    (ValueSources(files=("one.yaml",)), "one"),
    (ValueSources(files=("one.yaml", "two.yaml")), "two"),
    (ValueSources(files=("two.yaml", "one.yaml"), set_json=('a="json"',)), "json"),
    (ValueSources(set_json=('a="json"',), set=("a=set",)), "set"),
    (ValueSources(set=("a=first", "a=set")), "set"),
    (ValueSources(set=("a=set",), set_string=("a=string",)), "string"),
    (ValueSources(set_string=("a=string",), set_file=("a=file.txt",)), "from a file"),
]


@pytest.mark.parametrize(("sources", "wins"), ORDER, ids=[wins for _, wins in ORDER])
def test_values_are_merged_in_helms_order(
    sources: ValueSources, wins: str, any_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.yaml").write_text("a: one\n")
    (tmp_path / "two.yaml").write_text("a: two\n")
    (tmp_path / "file.txt").write_text("from a file")
    monkeypatch.chdir(tmp_path)
    assert printed(any_engine, RenderRequest(sources=sources), "a: default\nb: kept\n") == {"a": wins, "b": "kept"}


OVERLAY = {"a": {"b": True, "c,d.e": "x, y=[z]\\ {é}", "list": [1, {"k": None}], "none": {}}, "n": 8080, "s": "true"}


@pytest.mark.parametrize(
    "sources",
    [
        ValueSources(),
        ValueSources(set=("a.b=false",)),
        ValueSources(set=("a.b=false", "other=1"), set_json=('a={"b": false, "list": [7]}',), set_string=("t=1",)),
    ],
    ids=["alone", "over-set", "over-all"],
)
def test_an_overlay_overrides_everything(sources: ValueSources, any_engine: Engine) -> None:
    seen = printed(any_engine, RenderRequest(sources=sources, overlay=OVERLAY), "a: {b: false, f: 1}\nn: 1\n")
    assert {**seen["a"], "f": None} == {**OVERLAY["a"], "f": None}  # type: ignore[dict-item]
    assert seen["a"]["f"] == 1
    assert (seen["n"], seen["s"]) == (8080, "true")


@pytest.mark.parametrize(
    ("sources", "left"),
    [
        (ValueSources(set_string=("canary.enable=false,a=1",)), {"a": "1"}),
        (ValueSources(set_json=('canary={"enable": false}',)), {}),
        (ValueSources(set=("canary=off,a={x,y}",)), {"a": ["x", "y"]}),
        (ValueSources(set=(r"canary.enable.x=1", r"canary\.enable=kept")), {"canary.enable": "kept"}),
        (ValueSources(set=("canary.enable[0]=1,canary.enabled=no",)), {"canary": {"enable": True, "enabled": "no"}}),
    ],
    ids=["set-string", "set-json", "above", "below", "list"],
)
def test_a_switch_set_in_memory_beats_the_users_own(
    sources: ValueSources, left: dict[str, Any], any_engine: Engine
) -> None:
    seen = printed(any_engine, RenderRequest(sources=sources, overlay={"canary": {"enable": True}}))
    assert seen == {"canary": {"enable": True}, **left}


def test_null_removes_a_default(any_engine: Engine) -> None:
    assert "a" not in printed(any_engine, RenderRequest(sources=ValueSources(set=("a=null",))), "a: 1\nb: 2\n")


def test_the_release_reaches_the_template(any_engine: Engine) -> None:
    asked = (
        "{{ .Release.Name }}/{{ .Release.Namespace }}/{{ .Release.IsUpgrade }}/{{ .Capabilities.KubeVersion.Minor }}"
    )
    request = RenderRequest(release_name="blue", namespace="shop", kube_version="v1.25.3", is_upgrade=True)
    (text,) = any_engine.render(chart_of(f'out: "{asked}"\n'), request).values()
    assert "blue/shop/true/25" in text


def test_api_versions_are_those_of_the_request(any_engine: Engine) -> None:
    chart = chart_of('out: {{ .Capabilities.APIVersions.Has "flagger.app/v1beta1/Canary" }}\n')
    assert "out: true" in "".join(any_engine.render(chart, RenderRequest()).values())
    assert "out: false" in "".join(any_engine.render(chart, RenderRequest(api_versions=())).values())


def test_yaml_is_read_as_helm_reads_it(any_engine: Engine) -> None:
    text = "y: y\non: on\nclock: 1:30\noctal: 010\ntext: 0o10\nsmall: 1e3\nbase: &b {x: 1}\nmore: {<<: *b, z: 2}\n"
    read = any_engine.read_yaml(text)
    assert read["more"] == {"x": 1, "z": 2}
    assert read["small"] == 1000
    assert read["octal"] == 8
    assert read == any_engine.read_documents([text, "a: 1"])[0]


def test_documents_keep_their_order(any_engine: Engine) -> None:
    texts = [f"number: {number}\ntext: |\n  a\n\n  d000000: b\n" for number in range(12)]
    assert [read["number"] for read in any_engine.read_documents(texts)] == list(range(12))
    assert any_engine.read_documents([]) == []


def test_an_invalid_yaml_document_is_refused(any_engine: Engine) -> None:
    with pytest.raises(RenderError):
        any_engine.read_yaml("a: [1\nb: 2\n")


FAILURES = [
    ('{{ fail "not today" }}', "templates/out.yaml", 1, "not today"),
    ("a: 1\n{{ .Values.a.b.c }}", "templates/out.yaml", 2, "nil pointer"),
    ("a: 1\n{{ if }}", "templates/out.yaml", 2, "missing value for if"),
    ('a: 1\n\n{{ include "absent" . }}', "templates/out.yaml", 3, "no template"),
    ('{{ required "a must be set" .Values.a }}', "templates/out.yaml", 1, "a must be set"),
]


@pytest.mark.parametrize(("template", "path", "line", "message"), FAILURES, ids=[message for *_, message in FAILURES])
def test_a_refusal_names_template_and_line(
    template: str, path: str, line: int, message: str, any_engine: Engine
) -> None:
    with pytest.raises(RenderError, match=message) as caught:
        any_engine.render(chart_of(template), RenderRequest())
    assert caught.value.template is not None
    assert caught.value.template.endswith(path)
    assert caught.value.line == line


def test_a_values_schema_is_enforced(any_engine: Engine) -> None:
    schema = json.dumps({"properties": {"a": {"type": "integer"}}})
    chart = chart_of("out: {{ .Values.a }}\n", "a: 1\n", **{"values.schema.json": schema})
    assert "out: 1" in "".join(any_engine.render(chart, RenderRequest()).values())
    with pytest.raises(RenderError, match="schema"):
        any_engine.render(chart, RenderRequest(sources=ValueSources(set_string=("a=x",))))


BROKEN = [
    (ValueSources(files=("absent.yaml",)), "absent.yaml"),
    (ValueSources(files=("broken.yaml",)), "broken.yaml"),
    (ValueSources(files=("list.yaml",)), "list.yaml"),
    (ValueSources(set=("a",)), "a"),
    (ValueSources(set_json=("a={",)), "a={"),
    (ValueSources(set_file=("a=absent.txt",)), "absent.txt"),
]


@pytest.mark.parametrize(("sources", "named"), BROKEN, ids=[named for _, named in BROKEN])
def test_unreadable_values_are_a_usage_error(
    sources: ValueSources, named: str, any_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.yaml").write_text("a: [1\n")
    (tmp_path / "list.yaml").write_text("- a\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        any_engine.render(chart_of("a: 1\n"), RenderRequest(sources=sources))
    assert named in caught.value.message
    assert caught.value.hint


def test_a_values_file_with_a_byte_order_mark(any_engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_bytes("\ufeffa: 1\r\nb: ü\r\n".encode())
    assert printed(any_engine, RenderRequest(sources=ValueSources(files=(str(file),)))) == {"a": 1, "b": "ü"}


def test_nothing_is_written_beside_the_chart(any_engine: Engine, tmp_path: Path) -> None:
    import shutil

    folder = Path(shutil.copytree(CHARTS / "umbrella", tmp_path / "umbrella"))
    before = sorted(folder.rglob("*"))
    any_engine.render(load_chart(folder), RenderRequest())
    assert sorted(folder.rglob("*")) == before


def test_empty_outputs_notes_and_partials_are_left_out(any_engine: Engine) -> None:
    files = {"templates/NOTES.txt": "thanks", "templates/empty.yaml": "{{ if false }}a: 1{{ end }}\n"}
    files["templates/_parts.tpl"] = '{{ define "x" }}y{{ end }}'
    rendered = any_engine.render(chart_of("a: 1\n", **files), RenderRequest())
    assert list(rendered) == ["tried/templates/out.yaml"]


def test_several_documents_of_a_file_stay_together(any_engine: Engine) -> None:
    template = "kind: Service\nmetadata: {name: b}\n---\n# words\nkind: ConfigMap\nmetadata: {name: a}\n"
    rendering = render(any_engine, chart_of(template), RenderRequest(), "")
    assert {manifest.kind for manifest in rendering.manifests} == {"Service", "ConfigMap"}


def test_changed_files_are_rendered_not_the_ones_before(any_engine: Engine) -> None:
    chart = chart_of("a: 1\n")
    assert "a: 1" in "".join(any_engine.render(chart, RenderRequest()).values())
    changed = chart.with_files({"templates/out.yaml": b"a: 2\n"})
    assert "a: 2" in "".join(any_engine.render(changed, RenderRequest()).values())
    assert "a: 1" in "".join(any_engine.render(chart, replace(RenderRequest(), namespace="other")).values())
