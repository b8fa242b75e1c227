"""All changes that a command makes to a chart's files, computed before it writes any of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileChange:
    """One changed file; `before` is None for a new one, `after` for a deleted one.

    `path` is relative to the plan's root, with forward slashes.
    """

    path: str
    before: bytes | None
    after: bytes | None

    @property
    def action(self) -> str:
        """What happens to the file, as a verb: create, change or delete."""
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "change"


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes to one chart. A file with the same content isn't changed, so a second run plans nothing."""

    root: Path
    changes: tuple[FileChange, ...]

    @classmethod
    def of(cls, root: Path, before: Mapping[str, bytes], after: Mapping[str, bytes | None]) -> Plan:
        """The plan that turns `before` into `before | after`, without files that stay the same; None deletes one."""
        changed = {path: data for path, data in after.items() if before.get(path) != data}
        return cls(root, tuple(FileChange(path, before.get(path), changed[path]) for path in sorted(changed)))

    def __bool__(self) -> bool:
        return bool(self.changes)
