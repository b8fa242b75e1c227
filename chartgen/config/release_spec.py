"""A release that a configuration names, and its values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chartgen.errors import InputError, UsageError
from chartgen.helm.request import merged
from chartgen.inputs.files import read_beside, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from chartgen.charts.positions import Position
    from chartgen.inputs.boundary import Boundary

_HINT = "paths are relative to the configuration and stay in its repository"


@dataclass(frozen=True, slots=True)
class Values:
    """Values files in order, paths relative to the working directory. `edited` pairs them with the text to use.

    `overlay` are values without a file of their own, merged over all files.
    """

    files: tuple[str, ...] = ()
    edited: tuple[tuple[str, str], ...] = ()
    overlay: Mapping[str, Any] = field(default_factory=dict)

    def with_file(self, path: str, text: str) -> Values:
        """Add a file with its text as it was read inside the boundary: Helm doesn't read it from disk again."""
        edited = self.edited if path in self.files else (*self.edited, (path, text))
        return replace(self, files=(*self.files, path), edited=edited)

    def with_map(self, path: str, text: str | None, value: Mapping[str, Any]) -> Values:
        """Add a map: as the file `path` with this text, or as an overlay without a text or if the file is used."""
        if text is None or path in self.files:
            return replace(self, overlay=merged(self.overlay, value))
        return replace(self, files=(*self.files, path), edited=(*self.edited, (path, text)))

    def followed_by(self, other: Values) -> Values:
        """These values, then the other's."""
        return Values((*self.files, *other.files), (*self.edited, *other.edited), merged(self.overlay, other.overlay))


@dataclass(frozen=True, slots=True)
class ReleaseSpec:
    """A release to lint; `sets` are written as `--set` takes them, `written` as in ValueSources."""

    values: Values = field(default_factory=Values)
    sets: tuple[str, ...] = ()
    written: tuple[tuple[str, str, Position], ...] = ()
    namespace: str | None = None
    name: str | None = None


def read_text(folder: Path, name: str, key: str, boundary: Boundary) -> str:
    """The text of a file that `key` in `folder` names; UsageError if it can't be read or is outside the boundary."""
    try:
        return text_of(read_beside(folder, name, boundary=boundary), name)
    except InputError as error:
        raise UsageError(f"{key}: {error.message}", hint=_HINT) from error
