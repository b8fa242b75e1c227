"""A release that a configuration names, and the values it is made of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.helm.request import merged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BESIDE = "paths are relative to the configuration"


@dataclass(frozen=True, slots=True)
class Values:
    """Values files in order, paths from here. `edited` pairs those of which only a part counts with its text.

    `overlay` are values that stand in no file of their own, laid over all files.
    """

    files: tuple[str, ...] = ()
    edited: tuple[tuple[str, str], ...] = ()
    overlay: Mapping[str, Any] = field(default_factory=dict)

    def with_file(self, path: str) -> Values:
        """One file more."""
        return replace(self, files=(*self.files, path))

    def with_map(self, path: str, text: str | None, value: Mapping[str, Any]) -> Values:
        """A map more, which is all of the file `path` if that has this text; an overlay if it cannot be that."""
        if text is None or path in self.files:
            return replace(self, overlay=merged(self.overlay, value))
        return replace(self, files=(*self.files, path), edited=(*self.edited, (path, text)))

    def followed_by(self, other: Values) -> Values:
        """These, then the other's."""
        return Values((*self.files, *other.files), (*self.edited, *other.edited), merged(self.overlay, other.overlay))


@dataclass(frozen=True, slots=True)
class ReleaseSpec:
    """A release to lint; `sets` are written as `--set` takes them."""

    values: Values = field(default_factory=Values)
    sets: tuple[str, ...] = ()
    namespace: str | None = None
    name: str | None = None


def read_text(path: Path, what: str) -> str:
    """The text of a file; UsageError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8"
        raise UsageError(f"{path}: {what} cannot be read: {reason}", hint=_BESIDE) from error
