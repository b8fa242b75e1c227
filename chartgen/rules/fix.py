"""What would put a mistake right, as data: which field of the rendered object becomes what. Files are not its business.

A fix is safe where it keeps what the author plainly meant, and Flagger does what is written and nothing else. All
others are unsafe: probably right, but somebody should look.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.manifests.manifest import Route


class Safety(Enum):
    """Which option applies a fix: `--fix` the safe ones, `--unsafe-fixes` all."""

    SAFE = "safe"
    UNSAFE = "unsafe"

    @property
    def option(self) -> str:
        return "--fix" if self is Safety.SAFE else "--unsafe-fixes"

    def covers(self, other: Safety) -> bool:
        """Whether who lets a fix of this kind be made lets the other be made too."""
        return self is Safety.UNSAFE or other is Safety.SAFE


@dataclass(frozen=True, slots=True)
class SetValue:
    """The scalar at `at` becomes `value`; where the key is not there, it is added to the map that would hold it."""

    at: Route
    value: str | int | float | bool

    def apply(self, body: dict[str, Any]) -> None:
        """Make the change in a rendered object."""
        _holder(body, self.at)[self.at[-1]] = self.value


@dataclass(frozen=True, slots=True)
class RenameKey:
    """The key at `at` is called `key`; its value stays."""

    at: Route
    key: str

    def apply(self, body: dict[str, Any]) -> None:
        """Make the change in a rendered object."""
        holder = _holder(body, self.at)
        holder[self.key] = holder.pop(self.at[-1])


@dataclass(frozen=True, slots=True)
class DeleteKey:
    """The entry at `at` goes."""

    at: Route

    def apply(self, body: dict[str, Any]) -> None:
        """Make the change in a rendered object."""
        _holder(body, self.at).pop(self.at[-1])


@dataclass(frozen=True, slots=True)
class MoveKey:
    """The entry at `at` goes into the map at `into`, which may be missing where it would stand beside the entry."""

    at: Route
    into: Route
    key: str

    def apply(self, body: dict[str, Any]) -> None:
        """Make the change in a rendered object."""
        value = _holder(body, self.at).pop(self.at[-1])
        holder = _holder(body, self.into)
        holder.setdefault(self.into[-1], {})[self.key] = value


Change = SetValue | RenameKey | DeleteKey | MoveKey


@dataclass(frozen=True, slots=True)
class Fix:
    """The changes, made one after the other, that take a problem away. `told` says them in a few words."""

    told: str
    changes: tuple[Change, ...]
    safety: Safety = Safety.SAFE

    def applied(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The object as it should render; KeyError for one that has no place for the changes."""
        for change in self.changes:
            body = changed(change, body)
        return dict(body)


def changed(change: Change, body: Mapping[str, Any]) -> dict[str, Any]:
    """The object with one change made; KeyError for one that has no place for it."""
    fixed = deepcopy(dict(body))
    try:
        change.apply(fixed)
    except (IndexError, TypeError, AttributeError) as error:
        raise KeyError(change.at) from error
    return fixed


def set_value(at: Route, value: str | float | bool, safety: Safety = Safety.SAFE) -> Fix:
    """`at` becomes `value`."""
    said = str(value).lower() if isinstance(value, bool) else value
    return Fix(f"write {said}", (SetValue(at, value),), safety)


def rename(at: Route, key: str, safety: Safety = Safety.SAFE) -> Fix:
    """The key at `at` becomes `key`."""
    return Fix(f"write {key}", (RenameKey(at, key),), safety)


def _holder(body: dict[str, Any], route: Route) -> Any:
    """The map or list that holds the last step of the route; KeyError where there is none."""
    holder = value_at(body, route[:-1]) if route else None
    if not isinstance(holder, (dict, list)):
        raise KeyError(route)
    return holder
