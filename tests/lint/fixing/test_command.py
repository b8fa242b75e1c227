"""`chartgen lint --fix` as a command: what is written, what is printed, how it ends."""

from __future__ import annotations

import io
import json
import shutil
import stat
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from chartgen.cli.app import app
from chartgen.cli.guard import guarded
from tests.conftest import helm_program
from tests.lint.charts import CANARY, files, on_disk

if TYPE_CHECKING:
    from pathlib import Path

GATED = '{{- if eq .Release.Namespace "live" }}\n' + CANARY + "{{- end }}\n"
SHORT = GATED.replace("interval: 1m\n    threshold", "interval: 5s\n    threshold")
STEEP = GATED.replace("stepWeight: 10", "stepWeight: 70")


def run(*arguments: object) -> int:
    return guarded(lambda: app([str(argument) for argument in arguments], standalone_mode=True))


def chart(folder: Path, canary: str = SHORT, values: str = "{}\n") -> Path:
    return on_disk(folder, files(values, canary))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_fix_is_written_and_a_second_run_finds_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = chart(tmp_path)
    before = contents(path)
    assert run("lint", "--fix", path, "--format", "concise") == 0
    output = capsys.readouterr()
    assert "fixed 1 finding in 1 file\n" in output.err
    assert "interval-below-ten-seconds" not in output.out
    after = contents(path)
    assert after == {
        **before,
        "templates/canary.yaml": before["templates/canary.yaml"].replace(b"interval: 5s", b"interval: 10s"),
    }
    assert run("lint", "--fix", path) == 0
    assert "fixed 0 findings in 0 files\n" in capsys.readouterr().err
    assert contents(path) == after


def test_the_code_is_about_what_remains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = chart(tmp_path, SHORT.replace("stepWeight: 10", "stepWeight: 70"))
    assert run("lint", "--fix", path, "--format", "concise") == 1
    output = capsys.readouterr()
    assert "step-weight-above-max" in output.out
    assert "fixable: 1 with --unsafe-fixes" in output.err
    assert run("lint", "--fix", "--fail-on", "never", path) == 0


def test_hooks_learn_of_fixes(tmp_path: Path) -> None:
    path = chart(tmp_path)
    assert run("lint", "--fix", "--exit-non-zero-on-fix", path) == 1
    assert run("lint", "--fix", "--exit-non-zero-on-fix", path) == 0


def test_unsafe_fixes_need_their_option(tmp_path: Path) -> None:
    path = chart(tmp_path, STEEP)
    before = contents(path)
    assert run("lint", "--fix", path) == 1
    assert contents(path) == before
    assert run("lint", "--unsafe-fixes", path) == 0
    assert b"stepWeight: 50\n" in contents(path)["templates/canary.yaml"]


@pytest.mark.parametrize("options", [["--diff"], ["--fix", "--diff"], ["--fix", "--unsafe-fixes", "--diff"]])
def test_a_diff_writes_nothing_and_applies_from_here(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = [chart(tmp_path / "charts" / name).relative_to(tmp_path) for name in ("a", "b c")]
    before = contents(tmp_path)
    assert run("lint", *options, *paths) == 1
    output = capsys.readouterr()
    assert contents(tmp_path) == before
    assert "would fix 2 findings in 2 files" in output.err
    assert run("lint", "--fix", *paths) == 0
    fixed = contents(tmp_path)
    on_disk(tmp_path, {name: data.decode() for name, data in before.items()})
    subprocess.run(["git", "apply", "-"], input=output.out.encode(), cwd=tmp_path, check=True)
    assert contents(tmp_path) == fixed
    capsys.readouterr()
    assert run("lint", *options, *paths) == 0
    assert capsys.readouterr().out == ""


def test_what_cannot_be_fixed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(CANARY))
    path = chart(tmp_path)
    before = contents(tmp_path)
    assert run("lint", "--fix", "-") == 2
    assert run("lint", "--fix", "--write-baseline", tmp_path / "known.json", path) == 2
    assert run("lint", "--diff", "--report", f"json={tmp_path / 'x.json'}", path) == 2
    assert contents(tmp_path) == before


def test_packed_charts_are_linted_and_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = chart(tmp_path / "web")
    packed = tmp_path / "web-1.0.0.tgz"
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(source, "web")
    shutil.rmtree(source)
    before = packed.read_bytes()
    assert run("lint", "--fix", "--unsafe-fixes", packed, "--format", "json") == 1
    output = capsys.readouterr()
    assert "web-1.0.0.tgz: packaged charts aren't fixed" in output.err
    (found,) = [finding for finding in json.loads(output.out)["findings"] if finding["rule"].startswith("interval")]
    assert found["fixable"] is False
    assert packed.read_bytes() == before


@pytest.mark.parametrize("how", ["comment", "configuration", "option", "baseline", "selection"])
def test_what_is_ignored_is_not_fixed(tmp_path: Path, how: str) -> None:
    ignored = SHORT.replace("interval: 5s", "interval: 5s  # chartgen: ignore[interval-below-ten-seconds]")
    path = chart(tmp_path, ignored if how == "comment" else SHORT)
    options: list[object] = []
    if how == "configuration":
        (path / "chartgen.yaml").write_text("ignore: [interval-below-ten-seconds]\n")
    elif how == "option":
        options = ["--ignore", "interval-below-ten-seconds"]
    elif how == "selection":
        options = ["--select", "fractional-number"]
    elif how == "baseline":
        known = tmp_path / "known.json"
        assert run("lint", path, "--write-baseline", known) == 0
        options = ["--baseline", known]
    before = contents(path)
    assert run("lint", "--unsafe-fixes", path, *options) == 0
    assert contents(path) == before


def test_a_chart_that_cannot_be_written_does_not_stop_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [chart(tmp_path / name) for name in ("a", "b", "c")]
    locked = paths[0] / "templates" / "canary.yaml"
    locked.chmod(0o444)
    on_disk(paths[1], {"templates/broken.yaml": "{{ .Values.a.b.c }}\n"})
    assert run("lint", "--fix", *paths) == 2
    stderr = capsys.readouterr().err
    assert "templates/canary.yaml: is read-only" in stderr
    assert "fixed 1 finding in 1 file" in stderr
    assert locked.read_text() == SHORT
    assert "interval: 10s" in (paths[2] / "templates" / "canary.yaml").read_text()


def test_a_chart_that_cannot_be_read_is_reported_with_a_diff_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [chart(tmp_path / name) for name in ("a", "b")]
    (paths[0] / "Chart.yaml").write_text("name: [\n")
    assert run("lint", "--diff", *paths) == 2
    output = capsys.readouterr()
    assert str(paths[0]) in output.err
    assert "+    interval: 10s\n" in output.out


def test_mode_and_line_ends_stay(tmp_path: Path) -> None:
    path = chart(tmp_path, SHORT.replace("\n", "\r\n"))
    file = path / "templates" / "canary.yaml"
    file.chmod(0o640)
    assert run("lint", "--fix", path) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert file.read_bytes() == SHORT.replace("interval: 5s", "interval: 10s").replace("\n", "\r\n").encode()


def test_plain_manifests_are_fixed_document_by_document(tmp_path: Path) -> None:
    broken = CANARY.replace("interval: 1m\n    threshold", "interval: 5s # soon\n    threshold")
    second = broken.replace("name: web", "name: shop")
    file = tmp_path / "canaries.yaml"
    file.write_bytes(f"\ufeff# two\n{broken}---\n{second}".encode())
    before = file.read_bytes()
    run("lint", "--fix", file)
    assert file.read_bytes() == before.replace(b"interval: 5s # soon", b"interval: 10s # soon")


@pytest.mark.parametrize("helm", ["embedded", pytest.param("program", marks=pytest.mark.slow)])
def test_values_files_in_the_chart_are_fixed_too(tmp_path: Path, helm: str) -> None:
    ours = SHORT.replace("interval: 5s", "interval: {{ .Values.interval }}").replace(
        "stepWeight: 10", "stepWeight: {{ .Values.step }}"
    )
    path = chart(tmp_path / "web", ours, "interval: 1m\nstep: 10\n")
    on_disk(path, {"ci/fast-values.yaml": "interval: 5s # soon\nstep: 70\n", "prod.yaml": "\ufeffinterval: 7s\r\n"})
    engine = ["--helm", helm_program("3.17")] if helm == "program" else []
    assert run("lint", "--unsafe-fixes", path, *engine) == 0
    assert (path / "ci" / "fast-values.yaml").read_text() == "interval: 10s # soon\nstep: 50\n"
    assert run("lint", "--fix", path, "-f", path / "prod.yaml", *engine) == 0
    assert (path / "prod.yaml").read_bytes() == "\ufeffinterval: 10s\r\n".encode()
    assert (path / "values.yaml").read_text() == "interval: 1m\nstep: 10\n"


def test_values_files_elsewhere_are_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = chart(tmp_path / "web", SHORT.replace("interval: 5s", "interval: {{ .Values.interval }}"), "interval: 1m\n")
    on_disk(tmp_path, {"env.yaml": "interval: 5s\n"})
    assert run("lint", "--fix", path, "-f", tmp_path / "env.yaml", "--format", "concise") == 1
    output = capsys.readouterr()
    assert "env.yaml:1:1: interval-below-ten-seconds not fixed: " in output.err
    assert (tmp_path / "env.yaml").read_text() == "interval: 5s\n"
