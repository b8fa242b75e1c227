"""Build or install what the end-to-end tests need and is not there: `python -m tests.e2e.tools`."""

from __future__ import annotations

import sys

from tests.e2e.tools.build import BuildError, build
from tests.e2e.tools.parts import folder


def main() -> int:
    try:
        built = build()
    except BuildError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    print(f"{folder()}: {'built ' + ', '.join(built) if built else 'nothing to do'}", file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
