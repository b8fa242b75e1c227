"""A Helm chart on disk, read-only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: `files` maps the path below the chart (`templates/service.yaml`, forward slashes) to its bytes.

    `files` holds what Helm would load (`.helmignore` applied), vendored subcharts included. `root` is the chart's
    folder, or the `.tgz` it was read from (`packaged`). `name` is Chart.yaml's `name`, which may differ from the
    folder's and is what Helm puts into `# Source:` lines. `archives` maps the folder of each subchart that was opened
    in memory (`charts/redis`) to its archive on disk (`charts/redis-1.2.3.tgz`).
    """

    root: Path
    name: str
    files: Mapping[str, bytes]
    packaged: bool = False
    library: bool = False
    archives: Mapping[str, str] = field(default_factory=dict)

    def archive_of(self, path: str) -> str | None:
        """The archive in the chart that holds a file of `files`, None if the file is on disk."""
        return next((archive for folder, archive in self.archives.items() if path.startswith(f"{folder}/")), None)

    def with_files(self, changes: Mapping[str, bytes]) -> Chart:
        """The same chart with these files replaced or added, in memory only."""
        return replace(self, files={**self.files, **changes})

    def text(self, path: str) -> str:
        """The file as text; undecodable bytes survive a round trip through `surrogateescape`."""
        return self.files[path].decode("utf-8", errors="surrogateescape")
