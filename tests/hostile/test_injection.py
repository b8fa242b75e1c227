"""Texts of a chart that would drive a terminal or a CI system: in every place they come from, in every output."""

from __future__ import annotations

import contextlib
import io
import json
import re
from typing import TYPE_CHECKING

import pytest

from chartgen.cli.app import app
from chartgen.cli.guard import guarded
from tests.hostile.charts import CANARY, META, chart
from tests.running import Done, chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

ESCAPES = "a\n::error::INJECTED\r##[error]INJECTED%0A::error::INJECTED\x1b[31m\x9b2J\u202ex\u2066\x07"
QUOTED = json.dumps(ESCAPES)
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
COMMAND = re.compile(r"^\s*::[a-z-]+( [^:\n]*)?::INJECTED|##\[error\]", re.MULTILINE)

TEMPLATE = "templates/canary.yaml"
CHARTS: dict[str, dict[str, str]] = {
    "file-name": {f"templates/{ESCAPES.replace('/', '')}.yaml": CANARY},
    "broken-file-name": {f"templates/{ESCAPES.replace('/', '')}.yaml": "{{ .Values.no.no }}"},
    "object-name": {TEMPLATE: CANARY.replace("  name: app\nspec", f"  name: {QUOTED}\nspec")},
    "target-name": {TEMPLATE: CANARY.replace("Deployment, name: app", f"Deployment, name: {QUOTED}")},
    "namespace": {TEMPLATE: CANARY.replace("  name: app\nspec", f"  name: app\n  namespace: {QUOTED}\nspec")},
    "key": {TEMPLATE: CANARY.replace("stepWeight", QUOTED)},
    "host": {TEMPLATE: CANARY.replace("{port: 80}", f"{{port: 80, hosts: [{QUOTED}], gateways: [{QUOTED}]}}")},
    "provider": {TEMPLATE: CANARY.replace("spec:\n", f"spec:\n  provider: {QUOTED}\n")},
    "interval": {TEMPLATE: CANARY.replace("interval: 1m", f"interval: {QUOTED}")},
    "fail": {"templates/z.yaml": f"{{{{ fail {QUOTED} }}}}"},
    "required": {"templates/z.yaml": f"{{{{ required {QUOTED} .Values.none }}}}"},
    "chart-name": {"Chart.yaml": META.replace("name: app", f"name: {QUOTED}")},
    "dependency": {"Chart.yaml": META + f"dependencies: [{{name: {QUOTED}, version: '1'}}]\n"},
    "values-key": {"values.yaml": f"canary: {{enabled: {QUOTED}, {QUOTED}: 1}}\n"},
    "values-file": {f"values-{ESCAPES.replace('/', '')}.yaml": "- a\n"},
    "schema": {"values.schema.json": json.dumps({"required": [ESCAPES], "title": ESCAPES})},
    "schema-reference": {"values.schema.json": json.dumps({"$ref": f"http://127.0.0.1:9/{ESCAPES}"})},
    "ignore-comment": {TEMPLATE: f"# chartgen: ignore[no-such] until 2020-01-01 -- \x1b[2J\u202e\n{CANARY}"},
    "comment-on-the-line": {
        TEMPLATE: CANARY.replace("stepWeight: 70}", "stepWeight: 70} # \u202e \u0085::error::INJECTED")
    },
}
COMMANDS = [
    *(("lint", "app", "--format", form) for form in ("text", "concise", "github", "junit", "json", "sarif", "gitlab")),
    ("lint", "app", "--diff", "--unsafe-fixes"), ("emit", "app", "-o", "report"), *(("plan", "app", "--format", form) for form in ("text", "markdown", "html", "json")),
    ("add-canary", "app", "--check"), ("-vv", "add-canary", "app", "--check", "--format", "json"), ("recover", "app"),
]  # fmt: skip


@pytest.mark.parametrize("files", CHARTS.values(), ids=CHARTS)
def test_no_text_of_a_chart_is_obeyed(files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    chart(tmp_path / "app", **files)
    for command in COMMANDS:
        done = chartgen(*command)
        assert done.returncode in (0, 1, 2), (command, done)
        assert "internal error" not in done.stderr, (command, done)
        # The diff is exact: a patch of other bytes would not apply.
        _is_obeyed_by_nobody(command, done, exact="--diff" in command)


def test_a_file_name_adds_nothing_to_what_is_applied(tmp_path: Path) -> None:
    name = "templates/a\n---\nkind: Secret\nmetadata: {name: x}\n---\n#.yaml"
    done = chartgen("emit", str(chart(tmp_path / "app", **{name: CANARY.replace("name: app\nspec", "name: b\nspec")})))
    assert done.returncode == 0
    assert "\nkind: Secret" not in done.stdout
    assert "# Source: app/templates/a\\n---\\nkind: Secret" in done.stdout


def _is_obeyed_by_nobody(command: tuple[str, ...], done: Done, *, exact: bool) -> None:
    # What follows `::error …::` on its line is that command's message: the runner looks for no other one in it.
    own = "\n".join(line for line in done.stdout.split("\n") if "github" not in command or not line.startswith("::"))
    for text in (done.stderr, *([] if exact else [own])):
        assert not CONTROL.search(text), (command, text)
        assert not COMMAND.search(text), (command, text)
    assert exact or not CONTROL.search(done.stdout), (command, done.stdout)
    assert "::error::INJECTED" not in done.stdout.splitlines(), (command, done.stdout)


CONFIGURATIONS = {
    "key": f"{QUOTED}: 1\n",
    "rule": f"select: [{QUOTED}]\n",
    "policy": f"policy: {{gateways: [{QUOTED}], max-duration: {QUOTED}}}\n",
    "schema": f"policy: {{schema: {QUOTED}}}\n",
    "values": f"releases: [{{values: [{QUOTED}]}}]\n",
    "set": f"releases: [{{set: [{QUOTED}]}}]\n",
    "release": f"releases: [{{name: {QUOTED}, namespaces: [{QUOTED}]}}]\n",
    "cluster": f"cluster: {{provider: {QUOTED}, flagger-version: {QUOTED}}}\n",
    "invalid": "a: \x1b[2J\n",
}


@pytest.mark.parametrize("text", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_no_text_of_a_configuration_is_obeyed(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    chart(tmp_path / "app")
    (tmp_path / "chartgen.yaml").write_text(text)
    for command in (*COMMANDS, ("lint", "app", "--show-config")):
        done = chartgen(*command)
        assert done.returncode in (0, 1, 2), (command, done)
        assert "internal error" not in done.stderr, (command, done)
        _is_obeyed_by_nobody(command, done, exact="--diff" in command)


def test_a_traceback_passes_the_same_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    chart(tmp_path / "app")

    def broken(*_: object) -> None:
        raise RuntimeError(ESCAPES)

    monkeypatch.setattr("chartgen.lint.prepare.prepare_chart", broken)
    monkeypatch.setattr("sys.argv", ["chartgen", "-vv", "lint", "app"])
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape")
    with contextlib.redirect_stderr(err), contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        assert guarded(lambda: app(args=["-vv", "lint", "app"], prog_name="chartgen")) == 2
    err.flush()
    said = err.buffer.getvalue().decode("utf-8", "surrogateescape")
    assert "RuntimeError" in said
    assert not CONTROL.search(said)
    assert not COMMAND.search(said)
