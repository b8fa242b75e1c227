"""Charts of a stranger: an ordinary one, and what is put into it."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

META = "apiVersion: v2\nname: app\nversion: 0.1.0\n"
SECRET = "only-for-the-owner-5d1f"
CANARY = """\
apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: app
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
  service: {port: 80}
  analysis: {interval: 1m, threshold: 5, maxWeight: 50, stepWeight: 70}
"""


def chart(folder: Path, **files: str | bytes) -> Path:
    """A chart with a Canary of one known finding, step-weight-above-max."""
    for path, content in {
        "Chart.yaml": META,
        "values.yaml": "a: 1\n",
        "templates/canary.yaml": CANARY,
        **files,
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def tgz(members: list[tuple[str | tarfile.TarInfo, bytes]]) -> bytes:
    """An archive of these members, whatever their names and kinds."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        for member, data in members:
            header = member if isinstance(member, tarfile.TarInfo) else tarfile.TarInfo(member)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return buffer.getvalue()


def packed(*more: tuple[str | tarfile.TarInfo, bytes], name: str = "app") -> bytes:
    """The ordinary chart as an archive, with more members."""
    meta = META.replace("name: app", f"name: {name}").encode()
    return tgz([(f"{name}/Chart.yaml", meta), (f"{name}/templates/canary.yaml", CANARY.encode()), *more])


def zeros(header: bytes, gigabytes: int) -> bytes:
    """A gzip stream of a tar header and so many gigabytes of zeros, made at once."""
    return gzip.compress(header) + gzip.compress(bytes(1 << 24), 9) * (gigabytes << 6)
