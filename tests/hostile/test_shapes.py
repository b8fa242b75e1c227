"""Charts of a shape that nobody expects: one run over all of them reports each, and checks the good one."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from tests.hostile.charts import CANARY, META, chart
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

TEMPLATE = "templates/canary.yaml"
DEEP = 3000


def _guarded(condition: str) -> str:
    return "{{ if " + condition + " }}\n" + CANARY + "{{ end }}"


SHAPES: dict[str, dict[str, str | bytes]] = {
    "nested-document": {TEMPLATE: f"{CANARY}x: {'[' * DEEP}{']' * DEEP}\n"},
    "nested-beside": {"templates/z.yaml": f"a: {'[' * DEEP}{']' * DEEP}\n"},
    "nested-values": {"values.yaml": f"x: {'[' * DEEP}{']' * DEEP}\n"},
    "nested-metadata": {"Chart.yaml": f"{META}x: {'[' * DEEP}{']' * DEEP}\n"},
    "nested-parentheses": {TEMPLATE: _guarded("and .Values.a (" * DEEP + ".Values.a" + ")" * DEEP)},
    "nested-ifs": {TEMPLATE: "{{ if .Values.a }}" * DEEP + "\n" + CANARY + "{{ end }}" * DEEP},
    "long-pipe": {TEMPLATE: _guarded(".Values.a " + "| default .Values.b " * DEEP)},
    "long-path": {TEMPLATE: _guarded(".Values" + ".a" * DEEP)},
    "variable-of-variables": {
        TEMPLATE: "{{ $v0 := .Values.a }}"
        + "".join(f"{{{{ $v{n + 1} := or $v{n} $v{n} }}}}" for n in range(60))
        + _guarded("$v60")
    },
    "forty-switches": {
        TEMPLATE: "".join(f"{{{{ if .Values.s{n} }}}}" for n in range(40)) + "\n" + CANARY + "{{ end }}" * 40
    },
    "contradictions": {TEMPLATE: _guarded("and " + " ".join(f"(or .Values.s{n} .Values.t{n})" for n in range(40)))},
    "many-ignores": {TEMPLATE: "# chartgen: ignore[metrics]\n" * 20_000 + CANARY},
    "digits": {TEMPLATE: CANARY.replace("maxWeight: 50", f"maxWeight: {'9' * 5000}")},
    "tab-in-key": {TEMPLATE: CANARY.replace("maxWeight", "max\tWeight")},
    "list-as-port": {TEMPLATE: CANARY.replace("{port: 80}", "{port: 80, targetPort: [8080]}")},
    "list-as-spec": {TEMPLATE: CANARY[: CANARY.index("spec:")] + "spec: [1]\n"},
    "text-as-metadata": {TEMPLATE: CANARY.replace("metadata:\n  name: app", "metadata: 1.5")},
    "unknown-tag": {TEMPLATE: CANARY.replace("maxWeight: 50", "maxWeight: !!bool zz")},
    "control-character": {TEMPLATE: CANARY.replace("maxWeight: 50", "maxWeight: 50 # \x1b[2J")},
    "dependencies-number": {"Chart.yaml": f"{META}dependencies: 5\n"},
    "metadata-list": {"Chart.yaml": "- a\n"},
    "metadata-not-utf-8": {"Chart.yaml": b"\xff\xfe\x00"},
    "values-list": {"values.yaml": "- a\n"},
    "values-alias-of-itself": {"values.yaml": "a: &a [*a]\n"},
    "ci-values-list": {"ci/a-values.yaml": "- a\n"},
    "ci-values-broken": {"ci/a-values.yaml": "a: [\n"},
    "ci-values-not-utf-8": {"values-prod.yaml": b"\xff\xfe"},
    "schema-list": {"values.schema.json": "[1]"},
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_strange_chart_is_reported_and_the_good_one_checked(name: str, tmp_path: Path) -> None:
    chart(tmp_path / name, **SHAPES[name])
    good = chart(tmp_path / "good")
    began = time.process_time()
    done = chartgen("lint", str(tmp_path), "--format", "concise")
    assert time.process_time() - began < 20
    assert done.returncode == 1, done.stderr
    assert f"{good}/{TEMPLATE}:8:57: error[step-weight-above-max]" in done.stdout
    assert str(tmp_path / name) in done.stdout
    for command in (("emit",), ("plan",), ("add-canary", "--check")):
        ended = chartgen(*command, str(tmp_path / name))
        assert ended.returncode in (0, 1, 2)
        assert "internal error" not in ended.stderr


def test_a_name_that_is_not_utf_8_is_reported(tmp_path: Path) -> None:
    bad, good = chart(tmp_path / "bad"), chart(tmp_path / "good")
    with open(os.fsencode(bad / "templates") + b"/\xff\xfe.yaml", "w") as file:  # noqa: PTH123 - a name of bytes
        file.write("a: 1\n")
    done = chartgen("lint", str(tmp_path), "--format", "concise")
    assert done.returncode == 1
    assert r"\xff\xfe.yaml: the name is not UTF-8" in done.stdout
    assert f"{good}/{TEMPLATE}:8:57: error[step-weight-above-max]" in done.stdout


def test_values_may_come_through_a_pipe_that_the_user_names(tmp_path: Path) -> None:
    folder = chart(tmp_path / "app", **{TEMPLATE: CANARY.replace("maxWeight: 50", "maxWeight: {{ .Values.a }}")})
    reader, writer = os.pipe()
    os.write(writer, b"a: 77\n")
    os.close(writer)
    done = chartgen("emit", str(folder), "-f", f"/dev/fd/{reader}")
    os.close(reader)
    assert done.returncode == 0, done.stderr
    assert "maxWeight: 77" in done.stdout
