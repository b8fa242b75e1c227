"""The worker: what it answers after a limit, how it ends, and what it inherits."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from chartgen.charts.chart import Chart
from chartgen.errors import LimitExceeded, RenderError
from chartgen.helm.embedded import EmbeddedEngine
from chartgen.helm.limits import MEBIBYTE, RenderLimits, Spending
from chartgen.helm.native import SIGNATURES
from chartgen.helm.request import RenderRequest, ValueSources
from chartgen.helm.worker_process import out_of_memory

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="/proc and RLIMIT_DATA are Linux's")
LOOP = "{{ range until 90000 }}{{ range until 90000 }}{{ end }}{{ end }}"
MEMORY = '{{ repeat 2000000000 "a" }}'


def chart_of(template: str, name: str = "app", **files: str) -> Chart:
    texts = {
        "Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: 0.1.0\n",
        "templates/out.yaml": template,
        **files,
    }
    return Chart(Path(name), name, {path: text.encode() for path, text in texts.items()})


def process_of(engine: EmbeddedEngine) -> subprocess.Popen[bytes]:
    return engine._worker._process


def wait_until_gone(pid: int) -> None:
    end = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < end, f"process {pid} is still there"
        time.sleep(0.01)


def test_a_loop_ends_at_the_time_limit_and_the_next_chart_renders() -> None:
    engine = EmbeddedEngine(RenderLimits(seconds=1))
    began = time.monotonic()
    with pytest.raises(LimitExceeded, match="more than 1 s") as caught:
        engine.render(chart_of(LOOP), RenderRequest())
    assert time.monotonic() - began < 8
    assert (caught.value.limit, caught.value.template) == ("1 s", "app/templates/out.yaml")
    assert engine.render(chart_of("a: 1\n", "good"), RenderRequest()) == {"good/templates/out.yaml": "a: 1\n"}
    engine.close()


@linux_only
def test_memory_is_bounded_and_the_next_chart_renders() -> None:
    engine = EmbeddedEngine(RenderLimits(memory=256 * MEBIBYTE))
    with pytest.raises(LimitExceeded, match="256 MiB of memory"):
        engine.render(chart_of(MEMORY), RenderRequest())
    assert engine.render(chart_of("a: 1\n", "good"), RenderRequest())
    engine.close()


def test_a_chart_that_exceeded_a_limit_is_refused_at_once() -> None:
    engine = EmbeddedEngine(RenderLimits(seconds=1))
    chart = chart_of(LOOP)
    with pytest.raises(LimitExceeded):
        engine.render(chart, RenderRequest())
    began = time.monotonic()
    with pytest.raises(LimitExceeded):
        engine.render(chart.with_files({"values.yaml": b"a: 1\n"}), RenderRequest())
    assert time.monotonic() - began < 0.5
    engine.close()


def test_many_slow_renderings_of_a_chart_use_up_its_time() -> None:
    spending = Spending(RenderLimits(seconds=10))
    chart = chart_of("a: 1\n")
    for _ in range(4):
        assert spending.remaining(chart)
        spending.charge(3.0)
    spending.remaining(chart)
    with pytest.raises(LimitExceeded):
        spending.charge(3.0)
    assert spending.remaining(chart_of("a: 1\n", "other")) == 10


def test_many_quick_renderings_do_not() -> None:
    spending = Spending(RenderLimits(seconds=10))
    chart = chart_of("a: 1\n")
    for _ in range(1000):
        spending.remaining(chart)
        spending.charge(0.9)
    assert spending.remaining(chart) == 10


def test_more_text_or_objects_than_are_read() -> None:
    engine = EmbeddedEngine(RenderLimits(memory=256 * MEBIBYTE))
    with pytest.raises(LimitExceeded, match="4 MiB of text"):
        engine.render(chart_of('{{ repeat 5000000 "a" }}'), RenderRequest())
    with pytest.raises(LimitExceeded, match="512 objects"):
        engine.read_documents(["a: 1"] * 513)
    engine.close()


def test_no_limits() -> None:
    engine = EmbeddedEngine(RenderLimits(seconds=0, memory=0))
    assert engine.render(chart_of("{{ range until 100000 }}{{ end }}a: 1\n"), RenderRequest())
    assert len(engine.read_documents(["a: 1"] * 3000)) == 3000
    engine.close()


@pytest.mark.parametrize("template", ["x: %s\n" % ("[" * 3000 + "]" * 3000), "x: " + "9" * 5000])
def test_values_that_python_cannot_hold_do_not_crash(template: str) -> None:
    engine = EmbeddedEngine()
    try:
        engine.read_yaml(template)
    except RenderError as error:
        assert error.hint  # noqa: PT017 - either answer is fine, an exception of another kind is not
    engine.close()


def test_a_worker_that_was_killed_is_replaced() -> None:
    engine = EmbeddedEngine()
    chart = chart_of("a: 1\n")
    first = engine.render(chart, RenderRequest())
    process_of(engine).kill()
    process_of(engine).wait()
    assert engine.render(chart, RenderRequest()) == first
    engine.close()


@linux_only
@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGBUS"])
def test_a_crash_under_a_memory_limit_may_be_for_want_of_memory(name: str) -> None:
    engine = EmbeddedEngine(RenderLimits(memory=256 * MEBIBYTE))
    with pytest.raises(LimitExceeded) as caught:
        render_in_dying_worker(engine, name)
    assert str(caught.value) == f"Helm ended with {name}, and may need more than 256 MiB of memory to render the chart"
    assert "--render-memory" in str(caught.value.hint)
    assert engine.render(chart_of("a: 1\n", "good"), RenderRequest())
    engine.close()


@linux_only
@pytest.mark.parametrize(("name", "memory"), [("SIGSEGV", 0), ("SIGKILL", 256 * MEBIBYTE), ("SIGTERM", 0)])
def test_any_other_death_is_a_crash(name: str, memory: int) -> None:
    engine = EmbeddedEngine(RenderLimits(memory=memory))
    with pytest.raises(RenderError, match=f"^Helm crashed: .*{name}"):
        render_in_dying_worker(engine, name)
    engine.close()


def render_in_dying_worker(engine: EmbeddedEngine, name: str) -> None:
    """Render a chart, and end the worker by a signal meanwhile."""
    engine.render(chart_of("a: 1\n", "first"), RenderRequest())
    end = Timer(0.3, process_of(engine).send_signal, [signal.Signals[name]])
    end.start()
    try:
        engine.render(chart_of(LOOP), RenderRequest())
    finally:
        end.join()


@pytest.mark.parametrize(
    ("report", "limits", "signal_name"),
    [
        ("fatal error: runtime: out of memory", RenderLimits(), ""),
        ("fatal error: runtime: out of memory\n[signal SIGSEGV: segmentation violation]", RenderLimits(), ""),
        ("SIGSEGV: segmentation violation\nPC=0x7f m=3 sigcode=1", RenderLimits(), "SIGSEGV"),
        (
            "fatal error: unexpected signal\n[signal SIGSEGV: segmentation violation code=0x1]",
            RenderLimits(),
            "SIGSEGV",
        ),
        ("SIGSEGV: segmentation violation\nPC=0x7f m=3 sigcode=1", RenderLimits(memory=0), None),
        ("panic: runtime error: nil pointer\n[signal SIGSEGV: segmentation violation]", RenderLimits(), None),
        ("fatal error: concurrent map writes", RenderLimits(), None),
    ],
)
def test_what_a_crash_report_shows(report: str, limits: RenderLimits, signal_name: str | None) -> None:
    found = out_of_memory(2, report, limits)
    assert (found.signal if found else None) == signal_name


@linux_only
def test_closing_leaves_neither_process_nor_file() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    engine = EmbeddedEngine()
    engine.render(chart_of("a: 1\n"), RenderRequest())
    pid = process_of(engine).pid
    engine.close()
    wait_until_gone(pid)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@linux_only
def test_the_worker_gets_no_secrets_and_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "secret")
    engine = EmbeddedEngine()
    assert engine.version
    about = Path(f"/proc/{process_of(engine).pid}")
    variables = {entry.split(b"=")[0] for entry in (about / "environ").read_bytes().split(b"\0") if entry}
    assert variables <= {b"GOGC", b"GOMEMLIMIT", b"TZ", b"LD_LIBRARY_PATH"}
    assert "pipe:" in str((about / "fd" / "0").readlink())
    assert "Umask:\t0077" in (about / "status").read_text()
    engine.close()


PARENT = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent in the background ignores it
from chartgen.helm.embedded import EmbeddedEngine
from tests.helm.test_worker import LOOP, chart_of, process_of
from chartgen.helm.limits import RenderLimits
from chartgen.helm.request import RenderRequest
engine = EmbeddedEngine(RenderLimits(seconds=60))
engine.version
print(process_of(engine).pid, flush=True)
engine.render(chart_of(LOOP), RenderRequest())
"""


@linux_only
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_worker_ends_with_its_parent_in_the_middle_of_a_loop(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=Path(__file__).parents[2]
    ) as parent:
        assert parent.stdout
        worker = int(parent.stdout.readline())
        time.sleep(0.3)
        parent.send_signal(number)
        parent.wait(10)
    wait_until_gone(worker)


@linux_only
def test_the_parent_handles_an_interrupt_of_the_whole_group() -> None:
    engine = EmbeddedEngine()
    assert engine.version
    os.kill(process_of(engine).pid, signal.SIGINT)
    assert engine.render(chart_of("a: 1\n"), RenderRequest())
    engine.close()


def test_set_file_is_read_from_where_chartgen_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = EmbeddedEngine()
    assert engine.version
    (tmp_path / "text").write_text("hello")
    monkeypatch.chdir(tmp_path)
    request = RenderRequest(sources=ValueSources(set_file=("a=text",)))
    assert engine.values(chart_of("a: 1\n"), request)["a"] == "hello"
    engine.close()


def test_the_signatures_are_those_of_the_package() -> None:
    native: Any = pytest.importorskip("helm_python._native")
    for name, arguments in SIGNATURES.items():
        result, theirs = native.SIGNATURES[name]
        assert result is ctypes.c_int32
        assert arguments == theirs, name
