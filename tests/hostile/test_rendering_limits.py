"""Templates without end, in both engines: the chart is a finding or an error, and the other charts are checked."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux only"),
]
ATTACKS = {
    "counts": "{{ range until 100000000 }}{{ end }}",
    "counts in a loop": "{{ range until 90000 }}{{ range until 90000 }}{{ end }}{{ end }}",
    "repeats": '{{ repeat 2000000000 "a" }}',
    "doubles": '{{ $x := "aaaaaaaa" }}{{ range until 40 }}{{ $x = print $x $x }}{{ end }}',
    "makes keys": '{{ range until 100000 }}{{ $_ := genPrivateKey "rsa" }}{{ end }}',
    "includes twice": "".join(
        f'{{{{ define "l{n}" }}}}{{{{ include "l{n + 1}" . }}}}{{{{ include "l{n + 1}" . }}}}{{{{ end }}}}'
        for n in range(40)
    )
    + '{{ define "l40" }}x{{ end }}{{ include "l0" . }}',
    "prints documents": "{{ range $i := until 50000 }}---\nkind: ConfigMap\nmetadata: {name: x{{ $i }}}\n{{ end }}",
}


def chartgen(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chartgen", *arguments, "--render-timeout", "2", "--render-memory", "512"],
        cwd=cwd, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def place(chart: Callable[[str], Path], request: pytest.FixtureRequest) -> Path:
    """A hostile chart beside a good one, and its folder as the working directory."""
    good, hostile = chart("jenkins-x"), chart("helm-create")
    (hostile / "templates" / "zz.yaml").write_text(ATTACKS[request.param])
    return good.parent


@pytest.mark.parametrize("place", ATTACKS, indirect=True)
def test_lint_reports_the_chart_and_checks_the_others(place: Path) -> None:
    done = chartgen("lint", "helm-create", "jenkins-x", "--thorough", "--format", "concise", cwd=place)
    assert done.returncode == 1, done.stderr
    assert "chart-exceeds-limits" in done.stdout
    assert "checked 2 charts" in done.stderr


@pytest.mark.parametrize("place", ["counts in a loop", "repeats"], indirect=True)
@pytest.mark.parametrize("command", ["emit", "plan", "add-canary"])
def test_the_other_commands_end_with_one_clear_error(command: str, place: Path) -> None:
    done = chartgen(command, "helm-create", cwd=place)
    assert done.returncode == 2
    # Short of memory, Go's runtime sometimes dies before it can say so.
    assert re.match("error: Helm (needs|ended with SIG[A-Z]+, and may need) more than ", done.stderr), done.stderr
    assert done.stderr.count("\n") == 2
    assert done.stdout == ""


@pytest.mark.parametrize("place", ["counts in a loop", "repeats"], indirect=True)
def test_a_helm_program_has_the_same_limits(place: Path, helm_binary: Path) -> None:
    done = chartgen("emit", "helm-create", "--helm", str(helm_binary), cwd=place)
    assert done.returncode == 2
    assert re.search("Helm (needs|ended with SIG[A-Z]+, and may need) more than ", done.stderr), done.stderr
