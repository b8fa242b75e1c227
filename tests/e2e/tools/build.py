"""Build what is missing. Each part is made beside its place and moved there whole, so a broken build leaves no half."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.tools.parts import KUBERNETES, CrdFile, Part, crd_file, crd_files, find, folder, long_run, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOOLS_MODULE = Path(__file__).parent
# Without them the servers call themselves v0.0.0-master and clients complain.
_MAJOR, _MINOR, _ = KUBERNETES.removeprefix("v").split(".")
_VERSION_FLAGS = " ".join(
    f"-X k8s.io/component-base/version.{name}={value}"
    for name, value in (("gitVersion", KUBERNETES), ("gitMajor", _MAJOR), ("gitMinor", _MINOR))
)


class BuildError(Exception):
    """A part could not be made; the message says which, and what the tool it was made with said."""


def build() -> list[str]:
    """Build what is missing; the names of what was built."""
    place = folder()
    (place / "bin").mkdir(parents=True, exist_ok=True)
    with _only_one(place):
        wanted_parts = [part for part in parts(long=long_run()) if not _present(part)]
        built = [part.name for part in wanted_parts if _timed(part.name, partial(_make, part))]
        wanted = [crds for crds in crd_files(long=long_run()) if not crd_file(crds.name).exists()]
        return built + [crds.name for crds in wanted if _timed(crds.name, partial(_fetch_crds, crds))]


@contextmanager
def _only_one(place: Path) -> Iterator[None]:
    """Two builds at once wait for one another."""
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _timed(name: str, make: Callable[[], None]) -> bool:
    started = time.monotonic()
    make()
    print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)  # noqa: T201
    return True


def _pins() -> dict[str, str]:
    try:
        pins = json.loads((folder() / "pins.json").read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): str(pin) for name, pin in pins.items()}


def _present(part: Part) -> bool:
    found = find(part.name)
    if found is None:
        return False
    if found.parent == folder() / "bin":
        return _pins().get(part.name) == part.pin
    return part.any_release or found.parent == Path(os.environ.get("KUBEBUILDER_ASSETS", "/nowhere"))


def _make(part: Part) -> None:
    with tempfile.TemporaryDirectory(dir=folder()) as scratch:
        if not part.package:
            made = _unpack_from_debian(part, Path(scratch))
        elif part.module:
            made = _go_build(part, Path(scratch))
        else:
            made = _go_install(part, Path(scratch))
        made.replace(folder() / "bin" / part.name)
    _replace_text(folder() / "pins.json", json.dumps({**_pins(), part.name: part.pin}, indent=1))


def _go_build(part: Part, scratch: Path) -> Path:
    made = scratch / part.name
    flags = f"-s -w {_VERSION_FLAGS}"
    _run(["go", "build", "-trimpath", "-ldflags", flags, "-o", str(made), part.package], cwd=TOOLS_MODULE / part.module)
    return made


def _go_install(part: Part, scratch: Path) -> Path:
    _run(["go", "install", f"{part.package}@{part.pin}"], cwd=scratch, GOBIN=str(scratch))
    return scratch / part.name


def _unpack_from_debian(part: Part, scratch: Path) -> Path:
    """The binary out of Debian's package, without installing it: no root needed, and no service is started."""
    if shutil.which("apt-get") is None:
        raise BuildError(f"{part.name}: no apt-get here; install {part.name} by hand so that it is on PATH")
    _run(["apt-get", "download", part.name], cwd=scratch)
    (archive,) = scratch.glob("*.deb")
    _run(["dpkg-deb", "-x", str(archive), str(scratch / "root")], cwd=scratch)
    return scratch / "root" / "usr" / "bin" / part.name


def _fetch_crds(crds: CrdFile) -> None:
    download = json.loads(_run(["go", "mod", "download", "-json", crds.module], cwd=folder()))
    place = crd_file(crds.name)
    place.parent.mkdir(parents=True, exist_ok=True)
    _replace_text(place, (Path(download["Dir"]) / crds.path).read_text())


def _replace_text(path: Path, text: str) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.replace(path)


def _run(argv: list[str], *, cwd: Path, **variables: str) -> str:
    # Flagger and the tools module ask for newer Go than 1.21 by their go lines; a local toolchain that is
    # too old is reported instead of being replaced silently.
    environment = {**os.environ, "GOFLAGS": "-buildvcs=false", "GOWORK": "off", **variables}
    try:
        done = subprocess.run(argv, cwd=cwd, env=environment, capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise BuildError(f"{argv[0]}: not found. Install it (Go >= 1.26 builds the plane) and run again") from error
    except subprocess.CalledProcessError as error:
        raise BuildError(f"{' '.join(argv)}\n{error.stderr[-3000:]}") from error
    return done.stdout
