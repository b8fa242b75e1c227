"""`python -m chartgen` and the console script."""

from __future__ import annotations

import sys


def main() -> None:
    """Run chartgen and end the process with its exit code."""
    from chartgen.cli.app import app
    from chartgen.cli.guard import guarded

    sys.exit(guarded(lambda: app(standalone_mode=True)))


if __name__ == "__main__":
    main()
