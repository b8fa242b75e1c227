"""What a person sees while charts are checked: the findings of each chart when it is done, and how far the run is."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from chartgen.charts.discover import report_order
from chartgen.cli.output import write_result
from chartgen.escaping import shown_line, without_commands

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from chartgen.lint.finding import Finding
    from chartgen.reporters.streamed import StreamedReport

_SILENT_SECONDS = 1.0
_SECONDS_BETWEEN = 0.2
_ERASE = "\r\x1b[K"
_WIDEST = 79


class ProgressLine:
    """One line on a terminal, from the first second on: charts done, of how many, and the one at work."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done, self._path = 0, ""
        self._lock = threading.Lock()
        self._is_shown = False
        self._ended = threading.Event()
        threading.Thread(target=self._keep_showing, daemon=True).start()

    def at(self, done: int, path: str) -> None:
        """So many charts are done, and this one is at work."""
        self._done, self._path = done, path

    def erase(self) -> None:
        """Make place for other output."""
        with self._lock:
            if self._is_shown:
                _write(_ERASE)
                self._is_shown = False

    def end(self) -> None:
        """Show nothing more."""
        self._ended.set()
        self.erase()

    def _keep_showing(self) -> None:
        began = time.monotonic()
        while not self._ended.wait(_SECONDS_BETWEEN):
            if time.monotonic() - began >= _SILENT_SECONDS and self._path:
                self._show()

    def _show(self) -> None:
        line = without_commands(shown_line(f"{self._done} of {self._total} charts checked, now {self._path}"))
        with self._lock:
            if not self._ended.is_set():
                _write(f"{_ERASE}{line[:_WIDEST]}")
                self._is_shown = True


class LintWatcher:
    """Prints findings as soon as no later chart can add to them, in the order of the whole report."""

    def __init__(self, report: StreamedReport | None, *, shows_progress: bool) -> None:
        self._report = report
        self._shows_progress = shows_progress
        self._line: ProgressLine | None = None
        self._printed: set[Finding] = set()
        self._charts: set[str] = set()
        self._has_begun = False

    def begins(self, number: int, total: int, path: Path) -> None:
        """See Watcher.begins."""
        self._charts.add(path.as_posix())
        if self._shows_progress:
            self._line = self._line or ProgressLine(total)
            self._line.at(number, path.as_posix())

    def checked(self, findings: Iterable[Finding], following: Path | None) -> None:
        """See Watcher.checked."""
        if self._report:
            last = report_order(following) if following else None
            self._print([each for each in findings if (last is None or each.path < last) and self._is_in_chart(each)])

    def end(self, findings: Iterable[Finding], tail: str) -> None:
        """Print the findings that are left, and the end of the report."""
        if self._line:
            self._line.end()
        if self._report:
            self._print(findings)
            self._write(("" if self._has_begun else self._report.head) + tail)

    def stop(self) -> None:
        """Erase the progress: the run ends with an error."""
        if self._line:
            self._line.end()

    def _is_in_chart(self, finding: Finding) -> bool:
        """Whether its file is in a chart: other charts may have findings in the same values file outside of them."""
        path = finding.path.partition("!")[0]
        while path and path not in self._charts:
            path = path.rpartition("/")[0]
        return bool(path)

    def _print(self, findings: Iterable[Finding]) -> None:
        assert self._report
        left = [finding for finding in findings if finding.shown and finding not in self._printed]
        if not left:
            return
        self._printed.update(left)
        self._write(("" if self._has_begun else self._report.head) + self._report.part(left))
        self._has_begun = True

    def _write(self, text: str) -> None:
        if self._line:
            self._line.erase()
        if text:
            write_result(text, None)


def shows_progress(*, quiet: bool) -> bool:
    """Whether somebody sees it: stderr is a terminal that can erase a line."""
    return not quiet and sys.stderr.isatty() and os.environ.get("TERM", "") not in {"", "dumb"}


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
