"""What a command is about to do to a chart's files, complete before the first byte is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file: `before` is None for a new file. `path` is relative to the plan's root, forward slashes."""

    path: str
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes to one chart. Writing back what is there already is no change, so a second run plans nothing."""

    root: Path
    changes: tuple[FileChange, ...]

    @classmethod
    def of(cls, root: Path, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Plan:
        """The plan that turns `before` into `before | after`; files that stay the same drop out."""
        changed = {path: data for path, data in after.items() if before.get(path) != data}
        return cls(root, tuple(FileChange(path, before.get(path), changed[path]) for path in sorted(changed)))

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def after(self) -> dict[str, bytes]:
        """Path → new bytes, for rendering the changed chart from memory."""
        return {change.path: change.after for change in self.changes}
