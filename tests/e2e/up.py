"""Start a plane and keep it until interrupted: `python -m tests.e2e.up [FOLDER]`. Prints how to reach it."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.plane import Plane
from tests.e2e.process import PlaneError
from tests.e2e.tools.parts import BUILD_COMMAND, missing


def main() -> int:
    if absent := missing():
        print(f"missing: {', '.join(absent)}. Run `{BUILD_COMMAND}`.", file=sys.stderr)  # noqa: T201
        return 2
    folder = Path(sys.argv[1]) if sys.argv[1:] else Path(tempfile.mkdtemp(prefix="chartgen-plane-"))
    started = time.monotonic()
    try:
        plane = Plane(folder)
    except PlaneError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    with plane:
        print(f"# ready in {time.monotonic() - started:.1f} s; logs in {folder}; Ctrl-C ends it")  # noqa: T201
        print(f"export KUBECONFIG={plane.kubeconfig}", flush=True)  # noqa: T201
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            signal.pause()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
