"""Charts on several cores: the same results, in the same order, whatever happens to a forked process."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartgen.helm.select import deferred_engine
from chartgen.inputs.reads import files_read, was_read
from chartgen.lint import spread as spreading
from chartgen.lint.engine import lint_paths
from chartgen.lint.request import LintRequest
from chartgen.lint.spread import spread
from tests.cli.test_remembered import write

if TYPE_CHECKING:
    from collections.abc import Callable

CHARTS = [Path(f"chart-{number}") for number in range(9)]
HERE = os.getpid()


@pytest.fixture(autouse=True)
def three_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "_cores", lambda: 3)


def _here(path: Path) -> tuple[str, bool]:
    return path.name, os.getpid() == HERE


def _dies(path: Path) -> tuple[str, bool]:
    if path.name == "chart-4":
        os.kill(os.getpid(), signal.SIGKILL)
    return _here(path)


def _raises(path: Path) -> tuple[str, bool]:
    if path.name == "chart-4":
        raise RuntimeError
    return _here(path)


def _unpicklable(path: Path) -> object:
    return (lambda: None) if path.name == "chart-4" else _here(path)


@pytest.mark.parametrize(
    ("elsewhere", "here"),
    [
        (_here, [0, 3, 6]),
        # The rest of that process's charts, too.
        (_dies, [0, 3, 4, 6, 7]),
        (_raises, [0, 3, 4, 6]),
        (_unpicklable, [0, 3, 4, 6]),
    ],
)
def test_results_are_in_order_and_none_is_lost(elsewhere: Callable[[Path], object], here: list[int]) -> None:
    found = list(spread(CHARTS, _here, elsewhere))
    assert [name for name, _ in found] == [path.name for path in CHARTS]
    assert [number for number, (_, is_here) in enumerate(found) if is_here] == here


def test_few_charts_are_checked_in_one_process() -> None:
    assert list(spread(CHARTS[:3], _here, _here)) == [(path.name, True) for path in CHARTS[:3]]


def test_what_a_forked_process_reads_is_known_here() -> None:
    def reads(path: Path) -> str:
        was_read(f"/elsewhere/{path.name}")
        return path.name

    list(spread(CHARTS, str, reads))
    assert {f"/elsewhere/chart-{number}" for number in (1, 2, 4, 5, 7, 8)} <= files_read()


def test_no_process_is_left_when_the_run_ends_early(monkeypatch: pytest.MonkeyPatch) -> None:
    forked: list[int] = []
    fork = os.fork
    monkeypatch.setattr("os.fork", lambda: forked.append(fork()) or forked[-1])  # type: ignore[func-returns-value]
    results = spread(CHARTS, _here, _here)
    next(results)
    results.close()
    assert len(forked) == 2
    for process in forked:
        with pytest.raises(ChildProcessError):
            os.waitpid(process, os.WNOHANG)


def test_the_result_is_that_of_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        write(tmp_path / f"app-{number}", 10 * number + 20, canary=number != 3)
    (tmp_path / "app-5" / "Chart.yaml").write_text("[]\n")
    (tmp_path / "app-2" / "chartgen.yaml").write_text("no-such-setting: 1\n")
    several = lint_paths(deferred_engine("embedded"), [tmp_path], LintRequest())
    monkeypatch.setattr(spreading, "_cores", lambda: 1)
    one = lint_paths(deferred_engine("embedded"), [tmp_path], LintRequest())
    assert (several.findings, several.charts, several.notes, several.suppressed) == (
        one.findings, one.charts, one.notes, one.suppressed
    )  # fmt: skip
    assert [error.message for error in several.errors] == [error.message for error in one.errors]
    assert "step-weight-above-max" in {finding.rule for finding in one.findings}
