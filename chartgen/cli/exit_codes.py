"""The exit codes of chartgen."""

from __future__ import annotations

OK = 0
FOUND = 1  # findings at or above --fail-on, --check would change something, a budget is exceeded
COULD_NOT = 2  # bad option, no chart, Helm missing, conflict, I/O, internal error
INTERRUPTED = 130
