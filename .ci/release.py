"""Build sdist and wheel twice, compare them byte by byte, and check them: `python .ci/release.py [FOLDER]`.

Nothing is uploaded. Both are signed with GPG if RELEASE_GPG_KEY names a key; on the CI, trusted publishing signs them.
SOURCE_DATE_EPOCH is the time of the last commit, unless it is set.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def source_date() -> str:
    """The time of the files in the archives: seconds since 1970."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return given
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def build(source: Path, target: Path, epoch: str) -> dict[str, str]:
    """Build both into `target`; their names and digests."""
    command = [sys.executable, "-m", "build", "--outdir", str(target), str(source)]
    subprocess.run(command, env={**os.environ, "SOURCE_DATE_EPOCH": epoch}, stdout=subprocess.DEVNULL, check=True)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(target.iterdir())}


def main(folder: Path) -> int:
    """Exit code of one release."""
    epoch = source_date()
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        built, again = build(ROOT, Path(first), epoch), build(ROOT, Path(second), epoch)
        if built != again:
            print(f"the build isn't reproducible: {built} and {again}", file=sys.stderr)
            return 1
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(first, folder)
    files = [str(folder / name) for name in built]
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *files], check=True)
    key = os.environ.get("RELEASE_GPG_KEY")
    for file in files if key else []:
        subprocess.run(
            ["gpg", "--batch", "--yes", "--local-user", str(key), "--armor", "--detach-sign", file], check=True
        )
    for name, digest in built.items():
        print(f"{digest}  {folder / name}")
    print("signed with GPG" if key else "not signed: set RELEASE_GPG_KEY, or let trusted publishing sign them")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "dist"))
