"""Findings are printed chart by chart and are the report all the same; progress is for terminals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartgen.cli import progress
from chartgen.cli.progress import LintWatcher, ProgressLine
from chartgen.helm.select import deferred_engine
from chartgen.lint.engine import lint_paths
from chartgen.lint.request import LintRequest
from chartgen.reporters.color import PLAIN
from chartgen.reporters.registry import reporter
from chartgen.reporters.streamed import streamed
from tests.cli.test_remembered import write
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.lint.finding import Finding


@pytest.fixture(autouse=True)
def charts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # In the order of their files' paths, `web-b` is before `web`.
    for name, step in (("api", 60), ("web", 70), ("web-b", 80), ("web/charts/x", 90)):
        write(tmp_path / "charts" / name, step)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "charts"


@pytest.mark.parametrize("name", ["text", "concise", "github"])
def test_the_parts_are_the_report(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(progress, "write_result", lambda text, _: written.append(text))
    report = streamed(name, PLAIN)
    assert report
    watcher = LintWatcher(report, shows_progress=False)
    result = lint_paths(deferred_engine("embedded"), [Path("charts")], LintRequest(), None, watcher)
    assert len(written) == 3  # one for each chart
    watcher.end(result.findings, report.tail(result))
    assert "".join(written) == reporter(name)(result)


def test_a_shared_values_file_is_reported_once_and_last(charts: Path) -> None:
    (charts.parent / "shared.yaml").write_text("canary: {enable: true}\n")
    (charts.parent / "chartgen.yaml").write_text("releases: [{values: [shared.yaml]}]\n")
    done = chartgen("lint", "charts", "--format", "concise")
    assert len(done.stdout.splitlines()) == len(set(done.stdout.splitlines()))


def test_a_release_in_a_file_repeats_no_finding_of_its_chart(charts: Path) -> None:
    release = charts.parent / "apps" / "web.yaml"
    release.parent.mkdir()
    release.write_text(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: production}\n"
        "spec: {chart: {spec: {chart: charts/web}}}\n"
    )
    printed = chartgen("lint", "apps", "charts", "--format", "concise").stdout.splitlines()
    counted = json.loads(chartgen("lint", "apps", "charts", "--format", "json").stdout)["findings"]
    assert len(printed) == len(counted)
    assert len(printed) == len(set(printed))


def test_a_report_without_findings_has_its_frame(charts: Path) -> None:
    done = chartgen("lint", str(charts), "--format", "github", "--select", "threshold-one")
    assert done.stdout == "::group::chartgen lint\n::endgroup::\n"


def test_quiet_prints_findings_and_errors_only(charts: Path) -> None:
    done = chartgen("lint", str(charts), "-q")
    assert "step-weight-above-max" in done.stdout
    assert done.stderr == ""
    assert chartgen("lint", "missing", "-q").stderr.startswith("error: ")


class _Recorder:
    def __init__(self) -> None:
        self.seen: list[tuple[int, int, str]] = []

    def begins(self, number: int, total: int, path: Path) -> None:
        self.seen.append((number, total, path.as_posix()))

    def checked(self, findings: Iterable[Finding], following: Path | None) -> None:
        assert list(findings)
        assert following is None or following.name.startswith("web")


def test_a_watcher_hears_of_each_chart() -> None:
    watcher = _Recorder()
    lint_paths(deferred_engine("embedded"), [Path("charts")], LintRequest(), None, watcher)
    assert watcher.seen == [(0, 3, "charts/api"), (1, 3, "charts/web-b"), (2, 3, "charts/web")]


def test_the_line_appears_after_the_silence_and_goes_away(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_SILENT_SECONDS", 0.0)
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN", 0.01)
    monkeypatch.setattr(progress, "_write", lambda text: os.write(2, text.encode()))
    line = ProgressLine(12)
    line.at(3, "charts/we\x1bb")
    shown = ""
    while "3 of 12" not in shown:
        time.sleep(0.01)
        shown += capfd.readouterr().err
    line.end()
    shown += capfd.readouterr().err
    assert r"3 of 12 charts checked, now charts/we\x1bb" in shown
    assert shown.endswith("\r\x1b[K")


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "expected"), [((), True), (("-q",), False)])
def test_a_terminal_shows_progress(charts: Path, arguments: tuple[str, ...], expected: bool) -> None:
    """One chart takes its time: the line says which one."""
    (charts / "web" / "templates" / "slow.yaml").write_text("{{ range until 100000000 }}{{ end }}")
    reader, writer = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "chartgen", "lint", "charts", "--render-timeout", "4", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=writer,
        env={**os.environ, "TERM": "xterm"},
    ) as process:
        os.close(writer)
        seen = b""
        try:
            while piece := os.read(reader, 1024):
                seen += piece
        except OSError:  # the other end is closed
            pass
        process.wait()
    assert (b"charts checked, now charts/web" in seen) == expected
