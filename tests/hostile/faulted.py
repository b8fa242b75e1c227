"""One run of chartgen in which a call on the file system fails, or a signal arrives before it (run by tests/forks.py).

    FOLDER EFFECT N NAMES ARGUMENTS…

FOLDER is the working directory and NAMES are function names with commas between, empty for all (tests/faults.py). The
last line printed is `calls:` and the names of the calls that were counted.
"""

from __future__ import annotations

import atexit
import os
import sys

# Read once, in the server; Helm is loaded in each run: its threads don't survive a fork.
import chartgen.cli.app
import chartgen.cli.run_add_canary
import chartgen.cli.run_lint
import chartgen.cli.run_recover  # noqa: F401 - imported so that forks need not
from chartgen.__main__ import main as run
from tests.faults import inject


def main(arguments: list[str]) -> int:
    """Exit code of the run."""
    folder, effect, at, names, *command = arguments
    os.chdir(folder)
    sys.argv = ["chartgen", *command]
    made = inject(effect, int(at), *filter(None, names.split(",")))
    try:
        run()
    finally:
        sys.stdout.flush()
        print("\ncalls:", *made, file=sys.stderr)  # noqa: T201
        atexit._run_exitfuncs()
    raise AssertionError("a run ends with an exit code")
