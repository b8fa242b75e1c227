"""How a run ends: the exit code, and a message on stderr instead of a traceback."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NoReturn

import pytest

from chartgen.cli import exit_codes
from chartgen.cli.guard import guarded
from chartgen.cli.interrupt import SIGNALS
from chartgen.errors import ChartError, ConflictError
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PROGRAM = [sys.executable, "-m", "chartgen"]


def raises(error: BaseException) -> Callable[[], NoReturn]:
    def run() -> NoReturn:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ChartError("x: no chart", hint="do y"), 2, "error: x: no chart\nhelp: do y\n"),
        (ChartError("x: no chart"), 2, "error: x: no chart\n"),
        (ConflictError(["one", "two"], hint="mend"), 2, "error: 2 conflicts:\n  - one\n  - two\nhelp: mend\n"),
        (ValueError("odd"), 2, "error: internal error: ValueError at chartgen/cli/guard.py:"),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "error: output: No space left on device\nhelp: "),
        (PermissionError(errno.EACCES, "Permission denied", "a.yaml"), 2, "error: a.yaml: Permission denied\nhelp: "),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "a"), 2, "error: internal error: IsADirectoryError"),
        (RecursionError("deep"), 2, "error: internal error: RecursionError"),
        (KeyboardInterrupt(), 130, ""),
        (SystemExit(0), 0, ""),
        (SystemExit(1), 1, ""),
        (SystemExit(None), 0, ""),
        (SystemExit("words"), 2, ""),
    ],
    ids=lambda value: repr(value) if isinstance(value, BaseException) else "",
)
def test_every_end_has_its_code(
    error: BaseException, code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(raises(error)) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(message)
    assert "Traceback" not in printed.err
    assert bool(message) == bool(printed.err)


def test_a_run_that_just_ends_is_fine() -> None:
    assert guarded(lambda: None) == exit_codes.OK


def test_vv_prints_the_traceback_of_an_unexpected_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["chartgen", "-vv", "lint"])
    assert guarded(raises(ValueError("odd"))) == 2
    assert "test_guard.py" in capsys.readouterr().err


def test_vv_is_an_option() -> None:
    assert chartgen("-vv", "rules").returncode == 0


USAGE = [
    ["nope"],
    ["--nope"],
    ["add-canary"],
    ["add-canary", "a", "b"],
    ["add-canary", "x", "--threshold", "many"],
    ["emit"],
    ["emit", "x", "--nope"],
    ["explain", "no-such-rule"],
    ["rules", "--format", "xml"],
    ["lint", "absent"],
    ["emit", "absent"],
    ["emit", "absent.tgz"],
    ["add-canary", ""],
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_bad_command_lines_end_with_2_and_a_message_on_stderr(arguments: list[str]) -> None:
    done = chartgen(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "help: " in done.stderr or "Try 'chartgen" in done.stderr
    assert "bug in chartgen" not in done.stderr


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["-h"], ["add-canary", "-h"]], ids=" ".join)
def test_answers_go_to_stdout(arguments: list[str]) -> None:
    done = chartgen(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "chartgen" in done.stdout


@pytest.fixture
def bigger_than_a_pipe(chart: Callable[[str], Path]) -> list[str]:
    """A command that prints more than fits in a pipe."""
    folder = chart("helm-create")
    assert chartgen("add-canary", str(folder)).returncode == 0
    values = folder / "values.yaml"
    values.write_text(values.read_text().replace("hosts: []", f"hosts: [{', '.join(['a.example.com'] * 20000)}]"))
    return ["emit", str(folder)]


@pytest.mark.slow
def test_a_reader_that_has_gone_is_no_finding(bigger_than_a_pipe: list[str]) -> None:
    with subprocess.Popen([*PROGRAM, *bigger_than_a_pipe], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(4) == b"---\n"
        process.stdout.close()
        stderr = process.stderr.read()
        assert (process.wait(), stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")  # noqa: PTH110
def test_a_full_disk_is_reported() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run([*PROGRAM, "rules"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: output: No space left on device\n")
    assert b"Traceback" not in done.stderr


ENDLESS = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"
# A parent that ignores a signal (a job started with `&`) passes that on: these programs hear all of them.
HEARING = "import signal; [signal.signal(n, signal.SIG_DFL) for n in (1, 2, 3, 15)]; signal.signal(2, signal.default_int_handler)"


@contextlib.contextmanager
def emitting_for_ever(folder: Path, before: str = HEARING) -> Iterator[subprocess.Popen[bytes]]:
    """`chartgen emit` of a template that would run for minutes; it prints a dot before it begins."""
    (folder / "templates" / "slow.yaml").write_text(ENDLESS)
    ready = f"import sys; print('.', flush=True); sys.argv[1:] = ['emit', {str(folder)!r}]"
    program = [sys.executable, "-c", f"{before}\n{ready}\nfrom chartgen.__main__ import main\nmain()"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[bytes], after: float, number: signal.Signals) -> bytes:
    """Send the signal after so many seconds; the stderr of the process until its end."""
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
    _, stderr = process.communicate(timeout=20)
    return stderr


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.15, 0.4, 3.0])
def test_ctrl_c_ends_with_130_and_no_traceback(after: float, chart: Callable[[str], Path]) -> None:
    """A template that would run for minutes is stopped at different moments, while importing and while rendering."""
    with emitting_for_ever(chart("empty-values")) as process:
        assert b"Traceback" not in ended(process, after, signal.SIGINT)
        assert process.returncode == 130


@pytest.mark.parametrize("module", ["chartgen.cli.guard", "chartgen.cli.exit_codes", "chartgen.cli.output"])
def test_ctrl_c_while_the_guard_is_imported_prints_no_traceback(module: str) -> None:
    """The first import of the module is interrupted, as by a signal that arrives then."""
    interrupt = f"""
import sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            print("interrupted", flush=True)
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
sys.argv[1:] = ["emit", "absent"]
from chartgen.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", interrupt], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "interrupted\n", "")


def test_the_code_of_an_interrupted_import_is_that_of_every_interrupt() -> None:
    from chartgen import __main__

    assert __main__._INTERRUPTED == exit_codes.INTERRUPTED


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_every_signal_to_end_ends_a_rendering(number: signal.Signals, chart: Callable[[str], Path]) -> None:
    with emitting_for_ever(chart("empty-values")) as process:
        stderr = ended(process, 3.0, number)
        assert (process.returncode, stderr) == (130, b"")


@pytest.mark.slow
def test_nohup_is_respected(chart: Callable[[str], Path]) -> None:
    ignoring = f"{HEARING}; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    with emitting_for_ever(chart("empty-values"), ignoring) as process:
        time.sleep(2.0)
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=5.0)
        assert ended(process, 0.1, signal.SIGTERM) == b""
        assert process.returncode == 130
